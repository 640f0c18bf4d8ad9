using System.Text.Json.Serialization;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Consecutive minute rows by column: columns of like numbers pack several times smaller than rows, each a <see cref="NumberPacking"/> text.
/// Row <c>i</c> has the key <c>(device, epoch, minute, First + i)</c>. All columns have the same length, but those of texts may have one for all rows.
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
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> At { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Seconds"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Seconds { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Model"/>.</summary>
    public required IReadOnlyList<string> Model { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Answered"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Answered { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Failed"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Failed { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Dropped"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Dropped { get; init; }

    /// <summary>Column of <see cref="MinuteRow.P50Us"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> P50Us { get; init; }

    /// <summary>Column of <see cref="MinuteRow.P95Us"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> P95Us { get; init; }

    /// <summary>Column of <see cref="MinuteRow.MaxUs"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> MaxUs { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Confidence"/>.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public required IReadOnlyList<long?> Confidence { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyUj"/>; left out when no row has one.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public IReadOnlyList<long?>? EnergyUj { get; init; }

    /// <summary>Rows to columns.</summary>
    public static MinuteBatch Of(string epoch, long low, long first, IReadOnlyList<MinuteRow> rows) => new()
    {
        Epoch = epoch,
        Low = low,
        First = first,
        Slot = PackedTexts.Fold([.. rows.Select(r => r.Slot)]),
        At = [.. rows.Select((r, i) => i == 0 ? r.At : r.At - rows[i - 1].At)],
        Seconds = [.. rows.Select(r => (long)r.Seconds)],
        Model = PackedTexts.Fold([.. rows.Select(r => r.Model)]),
        Answered = [.. rows.Select(r => r.Answered)],
        Failed = [.. rows.Select(r => r.Failed)],
        Dropped = [.. rows.Select(r => r.Dropped)],
        P50Us = [.. rows.Select(r => r.P50Us)],
        P95Us = [.. rows.Select(r => r.P95Us)],
        MaxUs = [.. rows.Select(r => r.MaxUs)],
        Confidence = [.. rows.Select(r => (long?)r.Confidence)],
        EnergyUj = rows.Any(r => r.EnergyUj is not null) ? [.. rows.Select(r => r.EnergyUj)] : null,
    };

    /// <summary>Columns to rows.</summary>
    /// <exception cref="WireException">The columns differ in length.</exception>
    public IReadOnlyList<MinuteRow> Rows()
    {
        int[] lengths = [TextsOf(Slot.Count), Seconds.Count, TextsOf(Model.Count), Answered.Count, Failed.Count, Dropped.Count, P50Us.Count, P95Us.Count,
            MaxUs.Count, Confidence.Count, EnergyUj?.Count ?? Count];
        if (lengths.Any(l => l != Count))
            throw new WireException($"MinuteBatch from seq {First}: columns of {string.Join(", ", lengths.Prepend(Count))} rows; all must be equal.");

        var at = 0L;
        var rows = new MinuteRow[Count];
        for (var i = 0; i < rows.Length; i++)
        {
            at += At[i];
            rows[i] = new MinuteRow
            {
                Slot = PackedTexts.At(Slot, i),
                At = at,
                Seconds = (int)Seconds[i],
                Model = PackedTexts.At(Model, i),
                Answered = Answered[i],
                Failed = Failed[i],
                Dropped = Dropped[i],
                P50Us = P50Us[i],
                P95Us = P95Us[i],
                MaxUs = MaxUs[i],
                Confidence = (int?)Confidence[i],
                EnergyUj = EnergyUj?[i],
            };
        }

        return rows;
    }

    // One text stands for all rows.
    private int TextsOf(int count) => count == 1 ? Count : count;
}
