namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>
/// What a model did in its last minutes: a few numbers that the next one is compared with. Kept on disk with the slot, so that a restart at any moment loses nothing of the
/// comparison. Energy is net of the idle board.
/// </summary>
internal sealed record ModelBaseline
{
    private const int WindowAnsweredMin = 5;

    /// <summary>The model, as <c>name@version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Windows with answers.</summary>
    public int Windows { get; init; }

    /// <summary>Samples answered in them.</summary>
    public long Samples { get; init; }

    /// <summary>Median of the windows' 95th percentiles in microseconds.</summary>
    public long P95Us { get; init; }

    /// <summary>Mean confidence in thousandths; null where it is not known.</summary>
    public double? Confidence { get; init; }

    /// <summary>Lowest mean confidence of a window, in thousandths.</summary>
    public double? ConfidenceLow { get; init; }

    /// <summary>Stands for its labels.</summary>
    public string? Labels { get; init; }

    /// <summary>Answers by label; null where they are not counted.</summary>
    public IReadOnlyList<long>? Mix { get; init; }

    /// <summary>How far a window's answers lie from all of them at most, as a total variation distance, 0 to 1.</summary>
    public double MixSpread { get; init; }

    /// <summary>Windows of which the energy is known.</summary>
    public int EnergyWindows { get; init; }

    /// <summary>Energy of a sample in microjoule.</summary>
    public double? EnergyUj { get; init; }

    /// <summary>Highest energy of a sample in a window, in microjoule.</summary>
    public double? EnergyHighUj { get; init; }

    /// <summary>Median of the process's anonymous memory in kB; 0 where it is not known.</summary>
    public long AnonKb { get; init; }

    /// <summary>Highest less lowest of it over the windows, in kB: what moved without any change of model.</summary>
    public long AnonSpreadKb { get; init; }

    /// <summary>Models that were in memory.</summary>
    public int OpenModels { get; init; }

    /// <summary>How its inputs looked; null where that is not known.</summary>
    public InputSummary? Inputs { get; init; }

    /// <summary>The baseline of a model's minutes; null when it answered in none of them.</summary>
    public static ModelBaseline? Of(string model, IEnumerable<SlotMinute> minutes)
    {
        var windows = minutes.Where(m => m.Row.Model == model && m.Row.Answered > 0).ToList();
        if (windows.Count == 0)
            return null;

        var sure = windows.Where(m => m.Row.Confidence is not null && m.Row.Answered >= WindowAnsweredMin).ToList();
        var metered = windows.Where(m => m.Row.EnergyNetUj is not null).ToList();
        var remembered = windows.Where(m => m.AnonKb > 0).ToList();
        var (labels, mix, spread) = MixOf(windows);
        return new ModelBaseline
        {
            Model = model,
            Windows = windows.Count,
            Samples = windows.Sum(m => m.Row.Answered),
            P95Us = Median(windows.Select(m => m.Row.P95Us)),
            Confidence = sure.Count == 0 ? null : sure.Sum(m => (double)m.Row.Confidence!.Value * m.Row.Answered) / sure.Sum(m => m.Row.Answered),
            ConfidenceLow = sure.Count == 0 ? null : sure.Min(m => m.Row.Confidence!.Value),
            Labels = labels,
            Mix = mix,
            MixSpread = spread,
            EnergyWindows = metered.Count,
            EnergyUj = metered.Count == 0 ? null : metered.Sum(m => (double)m.Row.EnergyNetUj!.Value * m.Row.Answered) / metered.Sum(m => m.Row.Answered),
            EnergyHighUj = metered.Count == 0 ? null : metered.Max(m => m.Row.EnergyNetUj!.Value),
            AnonKb = remembered.Count == 0 ? 0 : Median(remembered.Select(m => m.AnonKb)),
            AnonSpreadKb = remembered.Count == 0 ? 0 : remembered.Max(m => m.AnonKb) - remembered.Min(m => m.AnonKb),
            OpenModels = remembered.Count == 0 ? 0 : remembered[^1].OpenModels,
            Inputs = InputsOf(windows),
        };
    }

    /// <summary>Median of some numbers, of two in the middle the upper one.</summary>
    public static long Median(IEnumerable<long> numbers) => numbers.Order().ToList() is var sorted && sorted.Count > 0 ? sorted[sorted.Count / 2] : 0;

    private static (string? Labels, IReadOnlyList<long>? Mix, double Spread) MixOf(List<SlotMinute> windows)
    {
        var counted = windows.Where(m => m.Mix.Count > 0 && m.Labels.Length > 0).ToList();
        if (counted.Count == 0 || counted.Any(m => m.Labels != counted[0].Labels))
            return (null, null, 0);

        var mix = new long[counted[0].Mix.Count];
        foreach (var minute in counted)
        {
            for (var i = 0; i < mix.Length; i++)
                mix[i] += minute.Mix[i];
        }

        var spread = counted.Where(m => m.Mix.Sum() >= WindowAnsweredMin).Select(m => AnswerMix.Distance(m.Mix, mix)).DefaultIfEmpty(0).Max();
        return (counted[0].Labels, mix, spread);
    }

    private static InputSummary? InputsOf(List<SlotMinute> windows)
    {
        var known = windows.Select(m => m.Inputs).OfType<InputSummary>().ToList();
        if (known.Count == 0 || known.Any(i => i.Means.Count != known[0].Means.Count || i.IsSeries != known[0].IsSeries))
            return null;

        var samples = known.Sum(i => i.Samples);
        var (means, deviations) = (new double[known[0].Means.Count], new double[known[0].Means.Count]);
        for (var f = 0; f < means.Length; f++)
        {
            means[f] = known.Sum(i => i.Means[f] * i.Samples) / samples;
            deviations[f] = Math.Sqrt(known.Sum(i => i.Samples * (i.Deviations[f] * i.Deviations[f] + (i.Means[f] - means[f]) * (i.Means[f] - means[f]))) / samples);
        }

        return new InputSummary(samples, means, deviations) { IsSeries = known[0].IsSeries };
    }
}
