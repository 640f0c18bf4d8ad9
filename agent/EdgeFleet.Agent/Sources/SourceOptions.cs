using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources;

/// <summary>Where the samples of a slot come from.</summary>
internal sealed record SourceOptions
{
    /// <summary>A folder of JPEG and PNG files.</summary>
    public const string Images = "images";

    /// <summary>A CSV file of readings, cut into windows.</summary>
    public const string Csv = "csv";

    private const double RateMax = 1000;

    /// <summary><see cref="Images"/> or <see cref="Csv"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Folder of images, for <see cref="Images"/>.</summary>
    public string Folder { get; init; } = "";

    /// <summary>CSV file, for <see cref="Csv"/>.</summary>
    public string File { get; init; } = "";

    /// <summary>Columns of the CSV file in the order of the model's channels; empty to take the names that the model gives.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Readings from the begin of a window to the begin of the next; 0 for windows without overlap.</summary>
    public int Stride { get; init; }

    /// <summary>Begin again after the last sample.</summary>
    public bool Loop { get; init; } = true;

    /// <summary>Samples a second: images or windows; 0 to pause.</summary>
    public double SamplesPerSecond { get; init; } = 1;

    /// <summary>The most that desired state may tune <see cref="SamplesPerSecond"/> to on this board.</summary>
    public double SamplesPerSecondMax { get; init; } = 30;

    /// <summary>What it gives, in a manifest's word: <c>image</c> or <c>series</c>.</summary>
    public string InputKind => Kind == Csv ? "series" : "image";

    /// <summary>Reads the section of a slot's source.</summary>
    public static SourceOptions Read(ConfigSection section)
    {
        var rate = section.Number("SamplesPerSecond", 1, 0, RateMax);
        var options = new SourceOptions
        {
            Kind = section.Required("Kind", $"\"{Images}\""),
            Loop = section.Flag("Loop", true),
            SamplesPerSecond = rate,
            SamplesPerSecondMax = section.Number("SamplesPerSecondMax", Math.Max(30, rate), rate, RateMax),
        };
        switch (options.Kind)
        {
            case Images:
                return options with { Folder = Existing(section, "Folder", "\"/data/leaves\"", Directory.Exists) };
            case Csv:
                return options with
                {
                    File = Existing(section, "File", "\"/data/pump-3.csv\"", System.IO.File.Exists),
                    Columns = section.List("Columns", [], "[\"acceleration\"]"),
                    Stride = section.Int("Stride", 0, 0, 1_000_000),
                };
            default:
                if (options.Kind.Length > 0)
                    section.Fault("Kind", $"is '{options.Kind}', which is no kind of source; there are {Images} and {Csv}", $"\"{Images}\"");
                section.AcceptAll();
                return options;
        }
    }

    private static string Existing(ConfigSection section, string key, string example, Func<string, bool> exists)
    {
        var path = section.Required(key, example);
        if (path.Length > 0 && !exists(path))
            section.Fault(key, $"is '{path}', which is not there or may not be entered", example);
        return path.Length > 0 ? Path.GetFullPath(path) : path;
    }
}
