using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources;

/// <summary>A CSV file with a header. It need not be there at the start.</summary>
internal sealed record CsvOptions
{
    /// <summary>The file.</summary>
    public required string File { get; init; }

    /// <summary>Columns in the order of the model's channels; empty to take the names that the model gives.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>Readings from the begin of a window to the begin of the next; 0 for windows without overlap.</summary>
    public int Stride { get; init; }

    /// <summary>Begin again after the last row.</summary>
    public bool Loop { get; init; } = true;

    /// <summary>Reads the options.</summary>
    public static CsvOptions Read(ConfigSection section) => new()
    {
        File = section.AbsolutePath("File", "\"/data/pump-3.csv\""),
        Columns = section.List("Columns", [], "[\"acceleration\"]"),
        Stride = section.Int("Stride", 0, 0, 1_000_000),
        Loop = section.Flag("Loop", true),
    };
}
