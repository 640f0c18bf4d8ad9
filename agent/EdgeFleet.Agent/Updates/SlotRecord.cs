using System.Text.Json.Serialization;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Updates;

/// <summary>What a slot's file holds.</summary>
internal sealed record SlotRecord
{
    /// <summary>Version that this code writes and reads.</summary>
    public const int KnownVersion = 1;

    /// <summary>Version of the file.</summary>
    public int V { get; init; } = KnownVersion;

    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>The step about to run.</summary>
    public UpdateState State { get; init; } = new Idle();

    /// <summary>Since when, Unix ms of the device.</summary>
    public long Since { get; init; }

    /// <summary>Starts of the agent in this state that followed a death or a power cut.</summary>
    public int Starts { get; init; }

    /// <summary>The models to fall back on.</summary>
    public Serving Serving { get; init; } = new(null, null);

    /// <summary>What the active model did in its last minutes, as of the last change of state; null when nothing is known. Older agents kept none.</summary>
    public ModelBaseline? Baseline { get; init; }

    /// <summary>Packages refused or turned back, newest first.</summary>
    public IReadOnlyList<Quarantined> Quarantine { get; init; } = [];

    /// <summary>True when nothing is missing that a step needs: well-formed JSON may still lack parts.</summary>
    [JsonIgnore]
    public bool IsWhole => State switch
    {
        WishState { Target: null or { Package: null } } => false,
        Probation { Watch: null } => false,
        Rejected { Reason: null } or RollingBack { Reason: null } or RolledBack { Reason: null } or Inconsistent { Reason: null } => false,
        _ => State is not null && Serving is not null && Quarantine?.All(q => q?.Reason is not null) == true,
    };
}

/// <summary>The second, small file of a slot: a lost state file never loses the model that serves.</summary>
internal sealed record ServingRecord
{
    /// <summary>Version of the file.</summary>
    public int V { get; init; } = SlotRecord.KnownVersion;

    /// <summary>The models to fall back on.</summary>
    public required Serving Serving { get; init; }
}

/// <summary>How the agent process before this one ended.</summary>
internal enum LastEnd
{
    /// <summary>There was none.</summary>
    None,

    /// <summary>It was stopped.</summary>
    Clean,

    /// <summary>The board lost power or was restarted: nobody's fault.</summary>
    PowerCut,

    /// <summary>It died on a board that kept running.</summary>
    Crash,
}

/// <summary>The running process, for the next one to judge how this one ended.</summary>
internal sealed record ProcessRecord
{
    /// <summary>The kernel's boot id.</summary>
    public required string Boot { get; init; }

    /// <summary>True once the process has been stopped in order.</summary>
    public bool Stopped { get; init; }

    /// <summary>The run that hung, for which it gave itself up.</summary>
    public HungRun? Hung { get; init; }
}

/// <summary>A run that did not come back from native code.</summary>
internal sealed record HungRun
{
    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Name and version of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Seconds that it was waited for.</summary>
    public int Seconds { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    MaxDepth = 16)]
[JsonSerializable(typeof(SlotRecord))]
[JsonSerializable(typeof(ServingRecord))]
[JsonSerializable(typeof(ProcessRecord))]
internal sealed partial class UpdateJson : JsonSerializerContext;
