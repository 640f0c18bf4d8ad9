using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Wire;

/// <summary>Bytes as a program of an earlier tag wrote them: a message under its topic, or something else under a name of <see cref="WireReader"/>.</summary>
public sealed record WireRecord(string Name, byte[] Bytes);

/// <summary>What the programs of earlier tags wrote, a file a tag, a line a record. <c>make bench NAME=compat SEEDS=record</c> makes the file of a tag that has none.</summary>
public static class WireCorpus
{
    private const string Ending = ".jsonl";

    /// <summary>Where the files are.</summary>
    public static string Folder { get; } = Path.Combine(RealData.CheckoutRoot, "tests", "EdgeFleet.Testing", "Wire", "corpus");

    /// <summary>Tags that have one.</summary>
    public static IReadOnlyList<string> Tags => [.. Directory.EnumerateFiles(Folder, "*" + Ending).Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    /// <summary>File of a tag.</summary>
    public static string FileOf(string tag) => Path.Combine(Folder, tag + Ending);

    /// <summary>Records of a tag, in the order in which they were made.</summary>
    public static IReadOnlyList<WireRecord> Of(string tag) => [.. File.ReadLines(FileOf(tag)).Select(line => JsonNode.Parse(line)!)
        .Select(json => new WireRecord((string)json["name"]!, Convert.FromBase64String((string)json["bytes"]!)))];

    /// <summary>Writes records into a file.</summary>
    public static void Write(string file, IEnumerable<WireRecord> records) =>
        File.WriteAllLines(file, records.Select(r => new JsonObject { ["name"] = r.Name, ["bytes"] = Convert.ToBase64String(r.Bytes) }.ToJsonString()));
}
