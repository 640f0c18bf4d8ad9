namespace EdgeFleet.Testing.Boards;

/// <summary>
/// Unpacks the text archives of Prometheus' node_exporter (<c>ttar</c>): files as counted lines, folders, links. <c>NULLBYTE</c> stands for a zero byte and
/// <c>EOF</c> at the end of a file for a missing last line feed.
/// </summary>
public static class Ttar
{
    /// <summary>Unpacks an archive below a folder.</summary>
    /// <exception cref="InvalidDataException">It is not such an archive; the text names the line.</exception>
    public static void Unpack(string archive, string folder)
    {
        using var lines = new StreamReader(archive);
        for (var number = 1; lines.ReadLine() is { } line; number++)
        {
            var (key, value) = line.Split(": ", 2) is [var k, var v] ? (k, v) : (line, "");
            switch (key)
            {
                case "Directory":
                    Directory.CreateDirectory(Path.Combine(folder, value));
                    break;
                case "Path":
                    number += File(Path.Combine(folder, value), lines);
                    break;
                case "Mode" or "" or "Lines":
                case var rest when rest.StartsWith('#'):
                    break;
                default:
                    throw new InvalidDataException($"{archive}, line {number}: '{line}' is no line of a ttar archive.");
            }
        }
    }

    private static int File(string path, StreamReader lines)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var head = lines.ReadLine() ?? "";
        if (head.StartsWith("SymlinkTo: ", StringComparison.Ordinal))
        {
            System.IO.File.CreateSymbolicLink(path, head["SymlinkTo: ".Length..]);
            return 1;
        }

        if (!head.StartsWith("Lines: ", StringComparison.Ordinal) || !int.TryParse(head["Lines: ".Length..], out var count))
            throw new InvalidDataException($"{path}: '{head}' is neither a count of lines nor a link.");

        var text = string.Concat(Enumerable.Range(0, count).Select(_ => lines.ReadLine() + "\n")).Replace("NULLBYTE", "\0", StringComparison.Ordinal);
        System.IO.File.WriteAllText(path, text.EndsWith("EOF\n", StringComparison.Ordinal) ? text[..^"EOF\n".Length] : text);
        return count + 1;
    }
}
