using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Updates;

/// <summary>Limits of updates. Section <c>Updates</c>.</summary>
public sealed class UpdateOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Updates";

    /// <summary>Least time with samples before a new model is kept, in seconds.</summary>
    [Range(1, 30 * 86400)]
    public int ProbationSeconds { get; set; } = 900;

    /// <summary>Least samples answered before a new model is kept.</summary>
    [Range(1, 1_000_000)]
    public int ProbationSamplesMin { get; set; } = 20;

    /// <summary>Share of samples failed by the model's fault that turns it back, 0 to 1; judged by its lower confidence bound.</summary>
    [Range(0.0, 1.0)]
    public double ProbationFaultShareMax { get; set; } = 0.05;

    /// <summary>Tries of a download that bring nothing before it is given up.</summary>
    [Range(1, 1000)]
    public int DownloadAttemptsMax { get; set; } = 8;

    /// <summary>Wait after the first failed try, in seconds; it doubles up to <see cref="BackoffSecondsMax"/>, with jitter.</summary>
    [Range(0.01, 3600)]
    public double BackoffSecondsFirst { get; set; } = 5;

    /// <summary>Longest wait between tries, in seconds.</summary>
    [Range(0.01, 86400)]
    public double BackoffSecondsMax { get; set; } = 900;

    /// <summary>A server that does not answer for so long is given up for this try, in seconds.</summary>
    [Range(1, 3600)]
    public int AnswerSeconds { get; set; } = 30;

    /// <summary>A read that brings less than <see cref="StallBytesMin"/> in so many seconds ends the try: a stalled or dripping server.</summary>
    [Range(1, 3600)]
    public int StallSeconds { get; set; } = 60;

    /// <inheritdoc cref="StallSeconds"/>
    [Range(1, 1024 * 1024)]
    public int StallBytesMin { get; set; } = 1024;

    /// <summary>Disk space that a download leaves free, in MB.</summary>
    [Range(0, 1024 * 1024)]
    public int SpaceReserveMb { get; set; } = 64;

    /// <summary>Largest package that is fetched, in MB, with the one variant that fits.</summary>
    [Range(1, 1024 * 1024)]
    public int PackageSizeMbMax { get; set; } = 1024;

    /// <summary>Deadline of a rehearsal, in seconds.</summary>
    [Range(1, 86400)]
    public int RehearsalSeconds { get; set; } = 120;

    /// <summary>Memory that the rehearsal's own runtime may take beside the candidate's budget, in MB.</summary>
    [Range(0, 4096)]
    public int RehearsalSlackMb { get; set; } = 64;

    /// <summary>Deaths of the agent that turn a model back.</summary>
    [Range(1, 100)]
    public int CrashesMax { get; set; } = 3;

    /// <summary>Starts in one state, deaths and power cuts alike, before it is given up.</summary>
    [Range(2, 1000)]
    public int StartsMax { get; set; } = 10;

    /// <summary>Wait for the model before to become idle in a swap, in seconds; one that hangs is left behind.</summary>
    [Range(1, 3600)]
    public int SwapSeconds { get; set; } = 30;
}

/// <summary>Checks the options at start; generated, so that it needs no reflection.</summary>
[OptionsValidator]
internal sealed partial class UpdateOptionsValidator : IValidateOptions<UpdateOptions>;
