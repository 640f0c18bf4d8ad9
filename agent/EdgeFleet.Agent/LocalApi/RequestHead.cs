using System.Globalization;
using System.Text;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>What a request says before its body.</summary>
internal sealed record RequestHead
{
    private const int FieldsMax = 64;

    /// <summary>Method, as sent.</summary>
    public required string Method { get; init; }

    /// <summary>Path with its escapes resolved, without the query.</summary>
    public required string Path { get; init; }

    /// <summary>Header fields by name.</summary>
    public required IReadOnlyDictionary<string, string> Fields { get; init; }

    /// <summary>Length of the body; null when it comes in chunks.</summary>
    public long? Length { get; init; } = 0;

    /// <summary>True when the connection stays for another request.</summary>
    public bool KeepAlive { get; init; }

    /// <summary>True when the caller waits for leave before it sends the body.</summary>
    public bool Expects { get; init; }

    /// <summary>A field's value; empty when it is not there.</summary>
    public string this[string field] => Fields.GetValueOrDefault(field, "");

    /// <summary>
    /// Parses a head (RFC 9112), and takes nothing that two parsers could read differently: no folded lines, no bare line feeds, no blanks before a colon, no
    /// field that decides over the body's length twice.
    /// </summary>
    /// <param name="bytes">Request line and fields, each with CR LF, without the empty line.</param>
    /// <param name="fault">What is wrong, when null is returned.</param>
    public static RequestHead? Parse(ReadOnlySpan<byte> bytes, out string fault)
    {
        fault = "The request is not HTTP/1.1.";
        foreach (var b in bytes)
        {
            if (b is > 126 or (< 32 and not ((byte)'\r' or (byte)'\n' or (byte)'\t')))
                return null;
        }

        var lines = Encoding.ASCII.GetString(bytes).Split("\r\n");
        if (lines.Any(l => l.AsSpan().ContainsAny('\r', '\n')) || lines[0].Split(' ') is not [{ Length: > 0 } method, ['/', ..] target, "HTTP/1.1" or "HTTP/1.0"] || !IsToken(method))
            return null;

        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':');
            if (colon < 1 || !IsToken(line[..colon]) || fields.Count == FieldsMax || !fields.TryAdd(line[..colon], line[(colon + 1)..].Trim(' ', '\t')))
            {
                fault = fields.Count == FieldsMax ? "The request has too many fields." : "A field of the request is malformed or comes twice.";
                return null;
            }
        }

        return WithBody(method, target, lines[0].EndsWith("1.1", StringComparison.Ordinal), fields, out fault);
    }

    private static RequestHead? WithBody(string method, string target, bool isOneOne, Dictionary<string, string> fields, out string fault)
    {
        fault = "";
        long? length = 0;
        if (fields.TryGetValue("Transfer-Encoding", out var coding))
        {
            if (!coding.Equals("chunked", StringComparison.OrdinalIgnoreCase) || fields.ContainsKey("Content-Length") || !isOneOne)
                fault = "The body's coding is not understood: send Content-Length, or chunked alone.";
            length = null;
        }
        else if (fields.TryGetValue("Content-Length", out var text))
        {
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
                fault = "Content-Length is no number.";
            length = value;
        }

        var connection = fields.GetValueOrDefault("Connection", "");
        return fault.Length > 0 ? null : new RequestHead
        {
            Method = method,
            Path = Uri.UnescapeDataString(target.Split('?', '#')[0]),
            Fields = fields,
            Length = length,
            KeepAlive = isOneOne ? !connection.Contains("close", StringComparison.OrdinalIgnoreCase) : connection.Contains("keep-alive", StringComparison.OrdinalIgnoreCase),
            Expects = fields.GetValueOrDefault("Expect", "").Equals("100-continue", StringComparison.OrdinalIgnoreCase),
        };
    }

    private static bool IsToken(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c));
}
