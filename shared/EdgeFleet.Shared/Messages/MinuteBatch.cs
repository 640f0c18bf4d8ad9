using System.Text.Json.Serialization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Consecutive minute rows by column: columns of like numbers pack several times smaller than rows, each a <see cref="NumberPacking"/> text.
/// Row <c>i</c> has the key <c>(device, epoch, minute, First + i)</c>. All columns have the same length, but those of texts may have one for all rows.
/// </summary>
public sealed record MinuteBatch : IRecordBatch
{
    private const long Minute = 60;

    /// <inheritdoc/>
    public int V { get; set; } = 1;

    /// <inheritdoc/>
    public required string Epoch { get; init; }

    /// <inheritdoc/>
    public required long Low { get; init; }

    /// <inheritdoc/>
    public required long First { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public int Count => Answered.Count;

    /// <summary>Column of <see cref="MinuteRow.Slot"/>.</summary>
    public required IReadOnlyList<SlotName> Slot { get; init; }

    /// <summary><see cref="MinuteRow.At"/> of the first row.</summary>
    public required long At { get; init; }

    /// <summary>From each row's <see cref="MinuteRow.At"/> to the next one's; left out when each is as long as its row's window.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public IReadOnlyList<long>? Steps { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Seconds"/>; left out when all are a minute.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public IReadOnlyList<long>? Seconds { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Model"/>.</summary>
    public required IReadOnlyList<string> Model { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Answered"/>.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Answered { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Failed"/>; left out when all are 0.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public IReadOnlyList<long>? Failed { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Dropped"/>; left out when all are 0.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public IReadOnlyList<long>? Dropped { get; init; }

    /// <summary>Column of <see cref="MinuteRow.P50Us"/> by the bins of <see cref="DdSketch"/>, from 1; 0 for 0. Rows give them back within 1 %.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> P50Us { get; init; }

    /// <summary>Column of <see cref="MinuteRow.P95Us"/> by the bins of <see cref="DdSketch"/>, from 1; 0 for 0. Rows give them back within 1 %.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> P95Us { get; init; }

    /// <summary>Column of <see cref="MinuteRow.MaxUs"/> by the bins of <see cref="DdSketch"/>, from 1; 0 for 0. Rows give them back within 1 %.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> MaxUs { get; init; }

    /// <summary>Column of <see cref="MinuteRow.Confidence"/>.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public required IReadOnlyList<long?> Confidence { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyUj"/>; left out when no row has one.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public IReadOnlyList<long?>? EnergyUj { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyNetUj"/>; left out when no row has one.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public IReadOnlyList<long?>? EnergyNetUj { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergySigmaUj"/>; left out when no row has one.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public IReadOnlyList<long?>? EnergySigmaUj { get; init; }

    /// <summary>Column of <see cref="MinuteRow.EnergyShare"/>; left out when no row has one.</summary>
    [JsonConverter(typeof(PackedOptionalNumbers))]
    public IReadOnlyList<long?>? EnergyShare { get; init; }

    /// <summary>Reads a batch off the wire, in the form of today or in that of the first agents.</summary>
    /// <exception cref="WireException">It is neither.</exception>
    public static MinuteBatch Read(ReadOnlySpan<byte> bytes)
    {
        var json = WireCodec.JsonOf(bytes, WireCodec.UpBytesMax);
        return PlainMinuteBatch.IsOne(json) ? WireCodec.Parse(json, WireJson.Default.PlainMinuteBatch).ToPacked() : WireCodec.Parse(json, WireJson.Default.MinuteBatch);
    }

    /// <summary>Rows to columns.</summary>
    public static MinuteBatch Of(string epoch, long low, long first, IReadOnlyList<MinuteRow> rows) => new()
    {
        Epoch = epoch,
        Low = low,
        First = first,
        Slot = PackedTexts.Fold([.. rows.Select(r => r.Slot)]),
        At = rows[0].At,
        Steps = rows.Zip(rows.Skip(1)).All(p => p.Second.At - p.First.At == 1000L * p.First.Seconds) ? null : [.. rows.Zip(rows.Skip(1), (a, b) => b.At - a.At)],
        Seconds = Unless(Minute, rows, r => r.Seconds),
        Model = PackedTexts.Fold([.. rows.Select(r => r.Model)]),
        Answered = [.. rows.Select(r => r.Answered)],
        Failed = Unless(0, rows, r => r.Failed),
        Dropped = Unless(0, rows, r => r.Dropped),
        P50Us = [.. rows.Select(r => BinOf(r.P50Us))],
        P95Us = [.. rows.Select(r => BinOf(r.P95Us))],
        MaxUs = [.. rows.Select(r => BinOf(r.MaxUs))],
        Confidence = [.. rows.Select(r => (long?)r.Confidence)],
        EnergyUj = Optional(rows, r => r.EnergyUj),
        EnergyNetUj = Optional(rows, r => r.EnergyNetUj),
        EnergySigmaUj = Optional(rows, r => r.EnergySigmaUj),
        EnergyShare = Optional(rows, r => (long?)r.EnergyShare),
    };

    /// <summary>Columns to rows.</summary>
    /// <exception cref="WireException">The columns differ in length.</exception>
    public IReadOnlyList<MinuteRow> Rows()
    {
        int[] lengths = [TextsOf(Slot.Count), Seconds?.Count ?? Count, TextsOf(Model.Count), Steps?.Count + 1 ?? Count, Failed?.Count ?? Count, Dropped?.Count ?? Count, P50Us.Count, P95Us.Count,
            MaxUs.Count, Confidence.Count, EnergyUj?.Count ?? Count, EnergyNetUj?.Count ?? Count, EnergySigmaUj?.Count ?? Count, EnergyShare?.Count ?? Count];
        if (lengths.Any(l => l != Count))
            throw new WireException($"MinuteBatch from seq {First}: columns of {string.Join(", ", lengths.Prepend(Count))} rows; all must be equal.");

        var at = At;
        var rows = new MinuteRow[Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new MinuteRow
            {
                Slot = PackedTexts.At(Slot, i),
                At = at,
                Seconds = (int)(Seconds?[i] ?? Minute),
                Model = PackedTexts.At(Model, i),
                Answered = Answered[i],
                Failed = Failed?[i] ?? 0,
                Dropped = Dropped?[i] ?? 0,
                P50Us = TimeOf(P50Us[i]),
                P95Us = TimeOf(P95Us[i]),
                MaxUs = TimeOf(MaxUs[i]),
                Confidence = (int?)Confidence[i],
                EnergyUj = EnergyUj?[i],
                EnergyNetUj = EnergyNetUj?[i],
                EnergySigmaUj = EnergySigmaUj?[i],
                EnergyShare = (int?)EnergyShare?[i],
            };
            at += Steps is null ? 1000 * (Seconds?[i] ?? Minute) : i + 1 < rows.Length ? Steps[i] : 0;
        }

        return rows;
    }

    private static IReadOnlyList<long?>? Optional(IReadOnlyList<MinuteRow> rows, Func<MinuteRow, long?> value) =>
        rows.Any(r => value(r) is not null) ? [.. rows.Select(value)] : null;

    private static IReadOnlyList<long>? Unless(long usual, IReadOnlyList<MinuteRow> rows, Func<MinuteRow, long> column) =>
        rows.All(r => column(r) == usual) ? null : [.. rows.Select(column)];

    private static long BinOf(long us) => us <= 0 ? 0 : DdSketch.IndexOf(us) + 1;

    private static long TimeOf(long bin) => bin is <= 0 or > 2000 ? 0 : (long)Math.Round(DdSketch.ValueOf((int)bin - 1));

    // One text stands for all rows.
    private int TextsOf(int count) => count == 1 ? Count : count;
}
