using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Consecutive minute rows by column: columns of like numbers pack several times smaller than rows.
/// Row <c>i</c> has the key <c>(device, epoch, minute, First + i)</c>. All columns have the same length.
/// </summary>
public sealed record MinuteBatch : IRecordBatch
{
    /// <inheritdoc/>
    public int V { get; set; } = 1;

    /// <inheritdoc/>
    public required string Epoch { get; init; }

    /// <inheritdoc/>
    public required long Low { get; init; }

    /// <inheritdoc/>
    public required long First { get; init; }

    /// <inheritdoc/>
    public int Count => At.Count;

    /// <summary>Column of <see cref="MinuteRow.Slot"/>.</summary>
    public required IReadOnlyList<SlotName> Slot { get; init; }

    /// <summary>Column of <see cref="MinuteRow.At"/>: the first as it is, then differences to the row before.</summary>
    public required IReadOnlyList<long> At { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Seconds"/>.</summary>
    public required IReadOnlyList<int> Seconds { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Model"/>.</summary>
    public required IReadOnlyList<string> Model { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Answered"/>.</summary>
    public required IReadOnlyList<long> Answered { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Failed"/>.</summary>
    public required IReadOnlyList<long> Failed { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Dropped"/>.</summary>
    public required IReadOnlyList<long> Dropped { get; init; }

    /// <summary>Column of <see cref="MinuteRow.P50Us"/>.</summary>
    public required IReadOnlyList<long> P50Us { get; init; }

    /// <summary>Column of <see cref="MinuteRow.P95Us"/>.</summary>
    public required IReadOnlyList<long> P95Us { get; init; }

    /// <summary>Column of <see cref="MinuteRow.MaxUs"/>.</summary>
    public required IReadOnlyList<long> MaxUs { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Confidence"/>.</summary>
    public required IReadOnlyList<int?> Confidence { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyUj"/>; left out when no row has one.</summary>
    public IReadOnlyList<long?>? EnergyUj { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyNetUj"/>; left out when no row has one.</summary>
    public IReadOnlyList<long?>? EnergyNetUj { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergySigmaUj"/>; left out when no row has one.</summary>
    public IReadOnlyList<long?>? EnergySigmaUj { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyShare"/>; left out when no row has one.</summary>
    public IReadOnlyList<int?>? EnergyShare { get; init; }

    /// <summary>Rows to columns.</summary>
    public static MinuteBatch Of(string epoch, long low, long first, IReadOnlyList<MinuteRow> rows) => new()
    {
        Epoch = epoch,
        Low = low,
        First = first,
        Slot = [.. rows.Select(r => r.Slot)],
        At = [.. rows.Select((r, i) => i == 0 ? r.At : r.At - rows[i - 1].At)],
        Seconds = [.. rows.Select(r => r.Seconds)],
        Model = [.. rows.Select(r => r.Model)],
        Answered = [.. rows.Select(r => r.Answered)],
        Failed = [.. rows.Select(r => r.Failed)],
        Dropped = [.. rows.Select(r => r.Dropped)],
        P50Us = [.. rows.Select(r => r.P50Us)],
        P95Us = [.. rows.Select(r => r.P95Us)],
        MaxUs = [.. rows.Select(r => r.MaxUs)],
        Confidence = [.. rows.Select(r => r.Confidence)],
        EnergyUj = Optional(rows, r => r.EnergyUj),
        EnergyNetUj = Optional(rows, r => r.EnergyNetUj),
        EnergySigmaUj = Optional(rows, r => r.EnergySigmaUj),
        EnergyShare = Optional(rows, r => r.EnergyShare),
    };

    /// <summary>Columns to rows.</summary>
    /// <exception cref="WireException">The columns differ in length.</exception>
    public IReadOnlyList<MinuteRow> Rows()
    {
        int[] lengths = [Slot.Count, Seconds.Count, Model.Count, Answered.Count, Failed.Count, Dropped.Count, P50Us.Count, P95Us.Count,
            MaxUs.Count, Confidence.Count, EnergyUj?.Count ?? Count, EnergyNetUj?.Count ?? Count, EnergySigmaUj?.Count ?? Count, EnergyShare?.Count ?? Count];
        if (lengths.Any(l => l != Count))
            throw new WireException($"MinuteBatch from seq {First}: columns of {string.Join(", ", lengths.Prepend(Count))} rows; all must be equal.");

        var at = 0L;
        var rows = new MinuteRow[Count];
        for (var i = 0; i < rows.Length; i++)
        {
            at += At[i];
            rows[i] = new MinuteRow
            {
                Slot = Slot[i],
                At = at,
                Seconds = Seconds[i],
                Model = Model[i],
                Answered = Answered[i],
                Failed = Failed[i],
                Dropped = Dropped[i],
                P50Us = P50Us[i],
                P95Us = P95Us[i],
                MaxUs = MaxUs[i],
                Confidence = Confidence[i],
                EnergyUj = EnergyUj?[i],
                EnergyNetUj = EnergyNetUj?[i],
                EnergySigmaUj = EnergySigmaUj?[i],
                EnergyShare = EnergyShare?[i],
            };
        }

        return rows;
    }

    private static IReadOnlyList<T?>? Optional<T>(IReadOnlyList<MinuteRow> rows, Func<MinuteRow, T?> value)
        where T : struct => rows.Any(r => value(r) is not null) ? [.. rows.Select(value)] : null;
}
