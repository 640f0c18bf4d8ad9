using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Live;

namespace EdgeFleet.Agent.Sources.Mqtt;

/// <summary>A topic of a broker near the board: how gateways bring Modbus and OPC UA in.</summary>
internal sealed record MqttSourceOptions
{
    /// <summary>Host of the broker.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>Its port.</summary>
    public int Port { get; init; } = 1883;

    /// <summary>Topic; <c>+</c> and <c>#</c> are allowed.</summary>
    public required string Topic { get; init; }

    /// <summary>Quality of service that is asked for: 0, 1 or 2.</summary>
    public int Qos { get; init; }

    /// <summary>Form of the readings in a message; null when a message is an encoded image.</summary>
    public ReadingFormat? Lines { get; init; }

    /// <summary>How readings become windows.</summary>
    public ReadingOptions Readings { get; init; } = new([], 0);

    /// <summary>File with one line <c>user:password</c>; empty for none.</summary>
    public string CredentialsFile { get; init; } = "";

    /// <summary>Speak TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>PEM file of the CA that the broker's certificate must come from; empty for the system's.</summary>
    public string CaFile { get; init; } = "";

    /// <summary>Seconds without a usable message after which the source counts as stalled.</summary>
    public int StallSeconds { get; init; } = 60;

    /// <summary>Most bytes of a message.</summary>
    public int BytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Reads the options.</summary>
    public static MqttSourceOptions Read(ConfigSection section)
    {
        const string Example = "\"plant/pump-3/vibration\"";
        var isTls = section.Flag("Tls", false);
        var payload = section.OneOf("Payload", "json", "json", "csv", "image");
        var options = new MqttSourceOptions
        {
            Host = section.Text("Host", "localhost"),
            Port = section.Int("Port", isTls ? 8883 : 1883, 1, 65535),
            Topic = section.Required("Topic", Example),
            Qos = section.Int("Qos", 0, 0, 2),
            Lines = payload switch { "json" => ReadingFormat.Json, "csv" => ReadingFormat.Csv, _ => null },
            CredentialsFile = section.Text("CredentialsFile", ""),
            Tls = isTls,
            CaFile = section.Text("CaFile", ""),
            StallSeconds = section.Int("StallSeconds", 60, 2, 7 * 24 * 3600),
            BytesMax = section.Int("BytesMax", 8 * 1024 * 1024, 1024, 64 * 1024 * 1024),
        };
        if (options.Topic.Length > 0 && !IsTopic(options.Topic))
            section.Fault("Topic", $"is '{options.Topic}', but '#' must be the last level alone, and '+' a whole level", Example);
        if (options.CaFile.Length > 0 && !isTls)
            section.Fault("CaFile", "is given, but Tls is not true", "\"Tls\": true");
        return options.Lines is null ? options : options with { Readings = CommandOptions.ReadReadings(section) };
    }

    private static bool IsTopic(string topic)
    {
        var levels = topic.Split('/');
        return !topic.Contains('\0') && levels.Index().All(l => l.Item == "+" || (l.Item == "#" && l.Index == levels.Length - 1) || !l.Item.AsSpan().ContainsAny('+', '#'));
    }
}
