using System.Globalization;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Sequence numbers from <paramref name="From"/> to <paramref name="To"/>, both included.</summary>
internal readonly record struct SeqRange(long From, long To)
{
    /// <summary>How many numbers.</summary>
    public long Count => To - From + 1;
}

/// <summary>A set of sequence numbers as ranges in order that neither touch nor overlap. Immutable.</summary>
internal sealed class SeqRanges
{
    /// <summary>No numbers.</summary>
    public static readonly SeqRanges Empty = new([]);

    private SeqRanges(IReadOnlyList<SeqRange> items) => Items = items;

    /// <summary>The ranges, in order.</summary>
    public IReadOnlyList<SeqRange> Items { get; }

    /// <summary>How many numbers.</summary>
    public long Count => Items.Sum(r => r.Count);

    /// <summary>With the numbers of a range.</summary>
    public SeqRanges With(SeqRange added)
    {
        if (added.Count <= 0)
            return this;

        var merged = new List<SeqRange>(Items.Count + 1);
        foreach (var item in Items)
        {
            if (item.To < added.From - 1 || item.From > added.To + 1)
                merged.Add(item);
            else
                added = new SeqRange(Math.Min(item.From, added.From), Math.Max(item.To, added.To));
        }

        merged.Insert(merged.Count(r => r.From < added.From), added);
        return new SeqRanges(merged);
    }

    /// <summary>Without the numbers of a range.</summary>
    public SeqRanges Without(SeqRange removed) => new(Items.SelectMany(item => item.To < removed.From || item.From > removed.To
        ? [item]
        : new[] { item with { To = removed.From - 1 }, item with { From = removed.To + 1 } }.Where(r => r.Count > 0)).ToList());

    /// <summary>The numbers that are also in a range.</summary>
    public SeqRanges Within(SeqRange range) => new(Items
        .Select(r => new SeqRange(Math.Max(r.From, range.From), Math.Min(r.To, range.To))).Where(r => r.Count > 0).ToList());

    /// <summary>At most so many ranges, the first ones.</summary>
    public SeqRanges First(int max) => Items.Count <= max ? this : new SeqRanges(Items.Take(max).ToList());

    /// <summary>At most so many ranges, the last ones.</summary>
    public SeqRanges Last(int max) => Items.Count <= max ? this : new SeqRanges(Items.Skip(Items.Count - max).ToList());

    /// <summary>Text such as <c>4-9,12-12</c>; empty for no numbers.</summary>
    public string Format() => string.Join(',', Items.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.From}-{r.To}")));

    /// <summary>Inverse of <see cref="Format"/>.</summary>
    public static SeqRanges Parse(string text) => text.Length == 0 ? Empty : new(text.Split(',').Select(part =>
    {
        var dash = part.IndexOf('-', StringComparison.Ordinal);
        return new SeqRange(long.Parse(part[..dash], CultureInfo.InvariantCulture), long.Parse(part[(dash + 1)..], CultureInfo.InvariantCulture));
    }).ToList());
}
