using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Updates;

/// <summary>Limits of updates. Section <c>Updates</c>.</summary>
internal sealed record UpdateOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Updates";

    /// <summary>Least time with samples before a new model is kept, in seconds.</summary>
    public int ProbationSeconds { get; init; } = 900;

    /// <summary>Least samples answered before a new model is kept.</summary>
    public int ProbationSamplesMin { get; init; } = 20;

    /// <summary>Share of samples failed by the model's fault that turns it back, 0 to 1; judged by its lower confidence bound.</summary>
    public double ProbationFaultShareMax { get; init; } = 0.05;

    /// <summary>Drop of the mean confidence against the model before, on the same scene, that turns a model back, 0 to 1; 1 judges none.</summary>
    public double ProbationConfidenceDropMax { get; init; } = 0.3;

    /// <summary>Share of answers by label that may differ from the model before, on the same scene, 0 to 1; 1 judges none.</summary>
    public double ProbationMixChangeMax { get; init; } = 0.5;

    /// <summary>Times the energy of a sample of the model before that turns a model back, where a meter is.</summary>
    public double ProbationEnergyFactorMax { get; init; } = 2;

    /// <summary>Tries of a download that bring nothing before it is given up.</summary>
    public int DownloadAttemptsMax { get; init; } = 8;

    /// <summary>Wait after the first failed try, in seconds; it doubles up to <see cref="BackoffSecondsMax"/>, with jitter.</summary>
    public double BackoffSecondsFirst { get; init; } = 5;

    /// <summary>Longest wait between tries, in seconds.</summary>
    public double BackoffSecondsMax { get; init; } = 900;

    /// <summary>A server that does not answer for so long is given up for this try, in seconds.</summary>
    public int AnswerSeconds { get; init; } = 30;

    /// <summary>A read that brings less than <see cref="StallBytesMin"/> in so many seconds ends the try: a stalled or dripping server.</summary>
    public int StallSeconds { get; init; } = 60;

    /// <inheritdoc cref="StallSeconds"/>
    public int StallBytesMin { get; init; } = 1024;

    /// <summary>Disk space that a download leaves free, in MB.</summary>
    public int SpaceReserveMb { get; init; } = 64;

    /// <summary>Largest package that is fetched, in MB, with the one variant that fits.</summary>
    public int PackageSizeMbMax { get; init; } = 1024;

    /// <summary>Asks for the delta from an earlier version on this board before a whole file.</summary>
    public bool Deltas { get; init; } = true;

    /// <summary>
    /// Fetches the whole file when its delta fails or there is none. Without, for links that are dear, a file of which this board has an earlier version comes by a delta or not at all: the
    /// update is tried again as any download, and then given up. What this board has no earlier version of comes whole in any case.
    /// </summary>
    public bool WholeFiles { get; init; } = true;

    /// <summary>Data that updates may fetch on a day over links that are not metered, in MB; then downloads wait for the next day and go on where they stopped. 0 for no bound.</summary>
    public double DayBudgetMb { get; init; }

    /// <summary>The same over metered links.</summary>
    public double DayBudgetMeteredMb { get; init; }

    /// <summary>Beginnings of the names of links that are metered, where they are the default route.</summary>
    public IReadOnlyList<string> MeteredLinks { get; init; } = ["wwan", "ppp"];

    /// <summary>Deadline of a rehearsal, in seconds.</summary>
    public int RehearsalSeconds { get; init; } = 120;

    /// <summary>Memory that the rehearsal's own runtime may take beside the candidate's budget, in MB.</summary>
    public int RehearsalSlackMb { get; init; } = 64;

    /// <summary>Program and arguments that start the rehearsal in the agent's stead, for example <c>taskset -c 0</c> or an emulator; empty for none.</summary>
    public IReadOnlyList<string> RehearseWith { get; init; } = [];

    /// <summary>Deadline of comparing a candidate that passed its rehearsal with the model that serves, in seconds; 0 leaves it out.</summary>
    public int EvidenceSeconds { get; init; } = 30;

    /// <summary>Samples that end shadowing.</summary>
    public int ShadowSamples { get; init; } = 200;

    /// <summary>Seconds that end shadowing, however few samples came.</summary>
    public int ShadowSeconds { get; init; } = 900;

    /// <summary>Share of the time that a candidate in shadow may keep its slot busy; samples beyond it are passed over and counted.</summary>
    public double ShadowBusyShareMax { get; init; } = 0.5;

    /// <summary>Energy that the board may take while a candidate runs in shadow, in joules, all of it put down to the candidate; it ends the shadow. 0 for no bound; where no meter is, none acts.</summary>
    public double ShadowEnergyJMax { get; init; } = 2000;

    /// <summary>Samples on which a candidate in shadow disagrees that are sent for a person to look at, of each update; 0 sends none.</summary>
    public int ShadowExamples { get; init; } = 5;

    /// <summary>Deaths of the agent that turn a model back.</summary>
    public int CrashesMax { get; init; } = 3;

    /// <summary>Starts in one state, deaths and power cuts alike, before it is given up.</summary>
    public int StartsMax { get; init; } = 10;

    /// <summary>Wait for the model before to become idle in a swap, in seconds; one that hangs is left behind.</summary>
    public int SwapSeconds { get; init; } = 30;

    /// <summary>Deadline of verifying a package, and of loading a model, in seconds: a disk or a runtime that hangs does not hold a slot for ever. Some runtimes compile for many minutes.</summary>
    public int StepSeconds { get; init; } = 1800;

    /// <summary>Reads the section; every mistake is noted.</summary>
    public static UpdateOptions Read(ConfigSection section) => new()
    {
        ProbationSeconds = section.Int("ProbationSeconds", 900, 1, 30 * 86400),
        ProbationSamplesMin = section.Int("ProbationSamplesMin", 20, 1, 1_000_000),
        ProbationFaultShareMax = section.Number("ProbationFaultShareMax", 0.05, 0.0, 1.0),
        ProbationConfidenceDropMax = section.Number("ProbationConfidenceDropMax", 0.3, 0.05, 1.0),
        ProbationMixChangeMax = section.Number("ProbationMixChangeMax", 0.5, 0.05, 1.0),
        ProbationEnergyFactorMax = section.Number("ProbationEnergyFactorMax", 2, 1.1, 1000),
        DownloadAttemptsMax = section.Int("DownloadAttemptsMax", 8, 1, 1000),
        BackoffSecondsFirst = section.Number("BackoffSecondsFirst", 5, 0.01, 3600),
        BackoffSecondsMax = section.Number("BackoffSecondsMax", 900, 0.01, 86400),
        AnswerSeconds = section.Int("AnswerSeconds", 30, 1, 3600),
        StallSeconds = section.Int("StallSeconds", 60, 1, 3600),
        StallBytesMin = section.Int("StallBytesMin", 1024, 1, 1024 * 1024),
        SpaceReserveMb = section.Int("SpaceReserveMb", 64, 0, 1024 * 1024),
        PackageSizeMbMax = section.Int("PackageSizeMbMax", 1024, 1, 1024 * 1024),
        Deltas = section.Flag("Deltas", true),
        WholeFiles = section.Flag("WholeFiles", true),
        DayBudgetMb = section.Number("DayBudgetMb", 0, 0, 10_000_000),
        DayBudgetMeteredMb = section.Number("DayBudgetMeteredMb", 0, 0, 10_000_000),
        MeteredLinks = section.List("MeteredLinks", ["wwan", "ppp"], "[\"wwan\", \"ppp\"]"),
        RehearsalSeconds = section.Int("RehearsalSeconds", 120, 1, 86400),
        RehearsalSlackMb = section.Int("RehearsalSlackMb", 64, 0, 4096),
        RehearseWith = section.List("RehearseWith", [], "[\"taskset\", \"-c\", \"0\"]"),
        EvidenceSeconds = section.Int("EvidenceSeconds", 30, 0, 3600),
        ShadowSamples = section.Int("ShadowSamples", 200, 1, 1_000_000),
        ShadowSeconds = section.Int("ShadowSeconds", 900, 1, 7 * 86400),
        ShadowBusyShareMax = section.Number("ShadowBusyShareMax", 0.5, 0.01, 1.0),
        ShadowEnergyJMax = section.Number("ShadowEnergyJMax", 2000, 0, 10_000_000),
        ShadowExamples = section.Int("ShadowExamples", 5, 0, 20),
        CrashesMax = section.Int("CrashesMax", 3, 1, 100),
        StartsMax = section.Int("StartsMax", 10, 2, 1000),
        StepSeconds = section.Int("StepSeconds", 1800, 1, 86400),
        SwapSeconds = section.Int("SwapSeconds", 30, 1, 3600),
    };
}
