using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>The few scalars of one slot for one minute (or the shorter window that a board's configuration asks for).</summary>
public sealed record MinuteRow
{
    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Begin of the window, Unix ms of the device.</summary>
    public required long At { get; init; }

    /// <summary>Length of the window in seconds.</summary>
    public required int Seconds { get; init; }

    /// <summary>Model that answered, as <c>name@version</c>; empty if none did.</summary>
    public required string Model { get; init; }

    /// <summary>Samples answered without failure.</summary>
    public required long Answered { get; init; }

    /// <summary>Samples that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Samples dropped from the queue.</summary>
    public long Dropped { get; init; }

    /// <summary>Median, 95th percentile and maximum of the model's run, in microseconds; 0 when nothing ran.</summary>
    public long P50Us { get; init; }

    /// <inheritdoc cref="P50Us"/>
    public long P95Us { get; init; }

    /// <inheritdoc cref="P50Us"/>
    public long MaxUs { get; init; }

    /// <summary>Mean confidence in thousandths, for object detection of the best box, for an anomaly score of being an anomaly; null when nothing was answered.</summary>
    public int? Confidence { get; init; }

    /// <summary>
    /// Energy per inference in microjoule, gross: all that the board took in the window. To three digits. Null where no sensor is, nothing was answered or the
    /// sensor gave too little.
    /// </summary>
    public long? EnergyUj { get; init; }

    /// <summary>The same net of what the idle board takes; null also while that is not known.</summary>
    public long? EnergyNetUj { get; init; }

    /// <summary>Standard deviation of <see cref="EnergyNetUj"/>, or of <see cref="EnergyUj"/> where that is null, to two digits. The sensor's calibration is not in it.</summary>
    public long? EnergySigmaUj { get; init; }

    /// <summary>Share of the board's energy that was put down to the slot by busy time, in thousandths: the values are then estimates. Null when it was all of it.</summary>
    public int? EnergyShare { get; init; }
}
