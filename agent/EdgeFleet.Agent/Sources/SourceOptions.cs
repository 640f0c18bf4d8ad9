using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Http;
using EdgeFleet.Agent.Sources.Mqtt;

namespace EdgeFleet.Agent.Sources;

/// <summary>Where the samples of a slot come from, and how often.</summary>
internal sealed record SourceOptions
{
    /// <summary>A folder of JPEG and PNG files.</summary>
    public const string Images = "images";

    /// <summary>A CSV file of readings, cut into windows.</summary>
    public const string Csv = "csv";

    /// <summary>Snapshots from an address.</summary>
    public const string Http = "http";

    /// <summary>A topic of a local broker.</summary>
    public const string Mqtt = "mqtt";

    /// <summary>A program's standard output.</summary>
    public const string Command = "command";

    private const double RateMax = 1000;

    /// <summary>One of the kinds above.</summary>
    public required string Kind { get; init; }

    /// <summary>Options of the kind, in its own record; null where the configuration is faulty.</summary>
    public object? Of { get; init; }

    /// <summary>Samples a second: images or windows; 0 to pause.</summary>
    public double SamplesPerSecond { get; init; } = 1;

    /// <summary>The most that desired state may tune <see cref="SamplesPerSecond"/> to on this board.</summary>
    public double SamplesPerSecondMax { get; init; } = 30;

    /// <summary>What it gives, in a manifest's word: <c>image</c> or <c>series</c>.</summary>
    public string InputKind => Of is CsvOptions or MqttSourceOptions { Lines: not null } or CommandOptions { Lines: not null } ? "series" : "image";

    /// <summary>Reads the section of a slot's source.</summary>
    public static SourceOptions Read(ConfigSection section)
    {
        var rate = section.Number("SamplesPerSecond", 1, 0, RateMax);
        var kind = section.Required("Kind", $"\"{Images}\"");
        return new SourceOptions
        {
            Kind = kind,
            Of = ReadKind(kind, section),
            SamplesPerSecond = rate,
            SamplesPerSecondMax = section.Number("SamplesPerSecondMax", Math.Max(30, rate), rate, RateMax),
        };
    }

    private static object? ReadKind(string kind, ConfigSection section)
    {
        switch (kind)
        {
            case Images:
                return ImageFolderOptions.Read(section);
            case Csv:
                return CsvOptions.Read(section);
            case Http:
                return HttpSourceOptions.Read(section);
            case Mqtt:
                return MqttSourceOptions.Read(section);
            case Command:
                return CommandOptions.Read(section);
            default:
                if (kind.Length > 0)
                    section.Fault("Kind", $"is '{kind}', which is no kind of source; there are {string.Join(", ", Images, Csv, Http, Mqtt, Command)}", $"\"{Images}\"");
                section.AcceptAll();
                return null;
        }
    }
}
