using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Sources;

/// <summary>The slots of this board. Section <c>Slots</c>, a section a slot.</summary>
internal sealed record SlotsOptions(IReadOnlyList<SlotOptions> All)
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Slots";

    private const int SlotsMax = 32;

    /// <summary>Reads all slots; those with a bad name are left out and noted.</summary>
    public static SlotsOptions Read(ConfigSection section)
    {
        var slots = section.Named();
        if (slots.Count is 0 or > SlotsMax)
            section.Fault("NAME", $"must name 1 to {SlotsMax} slots; there are {slots.Count}", "\"leaf\": { \"Source\": { \"Kind\": \"images\", \"Folder\": \"/data/leaves\" } }");
        return new SlotsOptions([.. slots.Select(SlotOptions.Read).OfType<SlotOptions>()]);
    }
}

/// <summary>One slot: where a model runs on a source.</summary>
internal sealed record SlotOptions
{
    /// <summary>Name of the slot.</summary>
    public required SlotName Name { get; init; }

    /// <summary>Where its samples come from.</summary>
    public required SourceOptions Source { get; init; }

    /// <summary>Samples that may wait for the model; one more drops the oldest.</summary>
    public int QueueLength { get; init; } = 8;

    /// <summary>Threads of a run.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>When a frame is passed over because the scene did not change; null to look at every frame.</summary>
    public SkipOptions? SkipUnchanged { get; init; }

    /// <summary>How many samples a run may take at once.</summary>
    public BatchOptions Batch { get; init; } = new();

    /// <summary>Values of this place by name, for models with further inputs.</summary>
    public IReadOnlyDictionary<string, float> Values { get; init; } = new Dictionary<string, float>();

    /// <summary>Reads one slot; null when its name is none.</summary>
    public static SlotOptions? Read(ConfigSection section)
    {
        var named = SlotName.TryParse(section.Name, out var name);
        if (!named)
            section.Fault("", $"'{section.Name}' is not a slot name: 1 to 32 characters of a-z, 0-9 and '-', beginning with a letter or digit", "\"pump-3\"");

        var source = section.Section("Source");
        var options = new SlotOptions
        {
            Name = name,
            Source = SourceOptions.Read(source),
            QueueLength = section.Int("QueueLength", 8, 1, 1000),
            Threads = section.Int("Threads", 1, 1, 64),
            SkipUnchanged = section.Has("SkipUnchanged") ? SkipOptions.Read(section.Section("SkipUnchanged")) : null,
            Batch = BatchOptions.Read(section.Section("Batch")),
            Values = ReadValues(section.Section("Values")),
        };
        if (options is { Batch.Max: > 1, SkipUnchanged: not null })
            section.Fault("Batch", "and SkipUnchanged exclude each other: a frame is compared with the one answered before it", "{ \"Max\": 1 }");
        source.RejectUnknown();
        section.RejectUnknown();
        return named ? options : null;
    }

    private static Dictionary<string, float> ReadValues(ConfigSection section) =>
        section.Named().ToDictionary(v => v.Name, v => (float)section.Number(v.Name, 0, -1e30, 1e30), StringComparer.OrdinalIgnoreCase);
}
