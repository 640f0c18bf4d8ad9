using System.Text.Json;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Messages;

/// <summary>A <see cref="MinuteBatch"/> as the first agents wrote it: columns as lists, times in microseconds, <see cref="At"/> by differences. Nothing writes it any more.</summary>
public sealed record PlainMinuteBatch
{
    private const int DepthMax = 16;

    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <inheritdoc cref="IRecordBatch.Epoch"/>
    public required string Epoch { get; init; }

    /// <inheritdoc cref="IRecordBatch.Low"/>
    public required long Low { get; init; }

    /// <inheritdoc cref="IRecordBatch.First"/>
    public required long First { get; init; }

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

    /// <summary>The same rows in the form of today.</summary>
    /// <exception cref="WireException">There are no rows, or the columns differ in length.</exception>
    public MinuteBatch ToPacked()
    {
        int[] lengths = [At.Count, Slot.Count, Seconds.Count, Model.Count, Answered.Count, Failed.Count, Dropped.Count, P50Us.Count, P95Us.Count, MaxUs.Count, Confidence.Count, EnergyUj?.Count ?? At.Count];
        if (At.Count == 0 || lengths.Any(l => l != At.Count))
            throw new WireException($"MinuteBatch from seq {First}: columns of {string.Join(", ", lengths)} rows; all must be equal, and there must be some.");

        var at = 0L;
        return MinuteBatch.Of(Epoch, Low, First, [.. Enumerable.Range(0, At.Count).Select(i => new MinuteRow
        {
            Slot = Slot[i], At = at += At[i], Seconds = Seconds[i], Model = Model[i], Answered = Answered[i], Failed = Failed[i], Dropped = Dropped[i],
            P50Us = P50Us[i], P95Us = P95Us[i], MaxUs = MaxUs[i], Confidence = Confidence[i], EnergyUj = EnergyUj?[i],
        })]) with { V = V };
    }

    /// <summary>True for JSON of this form: its <c>at</c> is a list.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("at"u8))
                    return reader.Read() && reader.TokenType == JsonTokenType.StartArray;
            }
        }
        catch (JsonException)
        {
            // Whoever reads it next says what is wrong with it.
        }

        return false;
    }
}
