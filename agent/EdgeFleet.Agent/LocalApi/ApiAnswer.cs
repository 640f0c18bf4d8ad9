using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>A request with its body.</summary>
internal sealed record ApiRequest(RequestHead Head, ReadOnlyMemory<byte> Body)
{
    /// <summary>Media type of the body, without parameters.</summary>
    public string MediaType => Head["Content-Type"].Split(';')[0].Trim().ToLowerInvariant();
}

/// <summary>What is answered.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Body">Body.</param>
/// <param name="MediaType">Its media type.</param>
/// <param name="Fields">Further header fields.</param>
internal sealed record ApiAnswer(int Status, ReadOnlyMemory<byte> Body, string MediaType = "application/json", params IReadOnlyList<(string Name, string Value)> Fields)
{
    // Told to be JSON, it is put into no page: sentences stay readable.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON.</summary>
    public static ApiAnswer Json(int status, Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return new ApiAnswer(status, bytes.WrittenMemory);
    }

    /// <summary>An error in the form of the Open Inference Protocol.</summary>
    public static ApiAnswer Error(int status, string text, params IReadOnlyList<(string Name, string Value)> fields) =>
        Json(status, json => json.WriteString("error", text)) with { Fields = fields };

    /// <summary>Too much at a time; it may be tried again.</summary>
    public static ApiAnswer Busy(int status, string text) => Error(status, text, ("Retry-After", "1"));

    /// <summary>Text.</summary>
    public static ApiAnswer Text(string text, string mediaType) => new(200, Encoding.UTF8.GetBytes(text), mediaType);

    /// <summary>The status line and the fields.</summary>
    public byte[] HeadBytes(bool keepAlive)
    {
        var head = new StringBuilder($"HTTP/1.1 {Status} {Reason(Status)}\r\nContent-Type: {MediaType}\r\nContent-Length: {Body.Length}\r\n");
        foreach (var (name, value) in Fields)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (!keepAlive)
            head.Append("Connection: close\r\n");
        return Encoding.ASCII.GetBytes(head.Append("\r\n").ToString());
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };
}
