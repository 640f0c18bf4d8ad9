using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EdgeFleet.Agent.Board;

/// <summary>One line of the agent's log file (compact JSON) in words. Pure.</summary>
internal static class LogLine
{
    /// <summary>Time, level, part, message and exception; the line as it is when it is none of the agent's.</summary>
    public static string Render(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var at = DateTimeOffset.Parse(Text(root, "@t"), CultureInfo.InvariantCulture).ToLocalTime();
            var level = root.TryGetProperty("@l", out var l) ? l.GetString()! : "Information";
            var part = root.TryGetProperty("SourceContext", out var s) ? s.GetString()!.Split('.')[^1] + ": " : "";
            var exception = root.TryGetProperty("@x", out var x) ? "\n  " + x.GetString()!.ReplaceLineEndings("\n  ") : "";
            return string.Create(CultureInfo.InvariantCulture, $"{at:yyyy-MM-dd HH:mm:ss} {Short(level)} {part}{Message(root)}{exception}");
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return line;
        }
    }

    private static string Short(string level) => level switch
    {
        "Information" => "info ",
        "Warning" => "warn ",
        "Error" => "error",
        "Fatal" => "fatal",
        _ => "debug",
    };

    // The template's holes are filled by the properties; one with a format of its own was rendered by the writer, in order, into @r.
    private static string Message(JsonElement root)
    {
        var template = Text(root, "@mt");
        var rendered = root.TryGetProperty("@r", out var r) ? r.EnumerateArray().Select(e => e.GetString()!).ToArray() : [];
        var (text, next) = (new StringBuilder(), 0);
        for (var i = 0; i < template.Length; i++)
        {
            var end = template[i] == '{' ? template.IndexOf('}', i) : -1;
            if (end < 0 || (i + 1 < template.Length && template[i + 1] == '{'))
            {
                text.Append(template[i]);
                if (template[i] is '{' or '}')
                    i++;
                continue;
            }

            var hole = template[(i + 1)..end];
            if (hole.Contains(':', StringComparison.Ordinal) && next < rendered.Length)
                text.Append(rendered[next++]);
            else
                text.Append(root.TryGetProperty(hole.Split(':', ',')[0].TrimStart('@', '$'), out var value) ? value.ToString() : $"{{{hole}}}");
            i = end;
        }

        return text.ToString();
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";
}
