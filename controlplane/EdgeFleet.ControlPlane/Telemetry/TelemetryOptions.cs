using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>How what devices publish is taken in and kept.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Telemetry";

    /// <summary>Batches that may wait to be committed; when full, the broker reads no further from the senders.</summary>
    [Range(1, 100_000)]
    public int QueueLength { get; set; } = 1024;

    /// <summary>Most batches that share one commit.</summary>
    [Range(1, 10_000)]
    public int GroupMax { get; set; } = 256;

    /// <summary>Days that minute rows and profiles are kept; 0 keeps them for ever.</summary>
    [Range(0, 36_500)]
    public int RetentionDays { get; set; } = 400;

    /// <summary>Least time between two acknowledgements to one device, in milliseconds.</summary>
    [Range(0, 60_000)]
    public int AckEveryMs { get; set; } = 1000;

    /// <summary>Refused messages that are kept of one device, the newest.</summary>
    [Range(1, 10_000)]
    public int DeadLettersPerDeviceMax { get; set; } = 50;
}
