using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources.Http;

/// <summary>Snapshots of a network camera: one request a sample.</summary>
internal sealed record HttpSourceOptions
{
    /// <summary>Address of a JPEG or PNG.</summary>
    public required Uri Url { get; init; }

    /// <summary>File with one line <c>user:password</c> for basic or digest authentication; empty for none. Read anew when it changes.</summary>
    public string CredentialsFile { get; init; } = "";

    /// <summary>PEM file of the CA that the camera's certificate must come from; empty for the system's.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>Seconds that a whole request may take.</summary>
    public int TimeoutSeconds { get; init; } = 10;

    /// <summary>Most bytes of an image.</summary>
    public int BytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Seconds of the same picture, byte for byte, after which the camera counts as stalled.</summary>
    public int UnchangedSeconds { get; init; } = 300;

    /// <summary>Takes the same picture as a sample each time all the same.</summary>
    public bool RepeatUnchanged { get; init; }

    /// <summary>Reads the options.</summary>
    public static HttpSourceOptions Read(ConfigSection section)
    {
        const string Example = "\"http://camera.local/snapshot.jpg\"";
        var text = section.Required("Url", Example);
        var isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https";
        if (text.Length > 0 && !isUrl)
            section.Fault("Url", $"is '{text}', which is no address that begins with http:// or https://", Example);
        else if (isUrl && url!.UserInfo.Length > 0)
            section.Fault("Url", "carries a user or password, which would stand in logs", "\"CredentialsFile\": \"/etc/edgefleet/camera.credentials\"");
        return new HttpSourceOptions
        {
            Url = isUrl ? url! : new Uri("http://localhost/"),
            CredentialsFile = section.Text("CredentialsFile", ""),
            CaFile = section.Text("CaFile", ""),
            TimeoutSeconds = section.Int("TimeoutSeconds", 10, 1, 300),
            BytesMax = section.Int("BytesMax", 8 * 1024 * 1024, 1024, 64 * 1024 * 1024),
            UnchangedSeconds = section.Int("UnchangedSeconds", 300, 1, 7 * 24 * 3600),
            RepeatUnchanged = section.Flag("RepeatUnchanged", false),
        };
    }
}
