namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Finds an int8 form that passes the gate on validation: every calibrator, then rounding with error feedback, then corrected biases, then the worst activations in float, as few as will do.
/// Among those that pass, the one whose outputs are nearest to the float model's.
/// </summary>
internal sealed class FormSearch(QuantizeWork work, FormMaker maker, AnswerScore floatScore)
{
    private const int CorrectedMax = 3;
    private const int PutBackMax = 12;

    // More float than this is no int8 model.
    private const double FloatShareMax = 0.5;

    private static readonly IReadOnlySet<string> None = new HashSet<string>();

    /// <summary>Activations by sensitivity, where the search came to them.</summary>
    public IReadOnlyList<RankedTensor> Ranking { get; private set; } = [];

    /// <summary>The best form, and what it lacks.</summary>
    public (Form Form, string? Fault) Run()
    {
        work.Steps.Expect((2 * work.Request.Calibrators.Count) + (3 * CorrectedMax));
        maker.Make(work.Request.Calibrators, None, isFedBack: false);
        if (work.Request.FeedsBack) maker.Make(work.Request.Calibrators, None, isFedBack: true);
        if (work.Request.CorrectsBias)
            foreach (var form in maker.Made.OrderBy(f => f.Score.Divergence).Take(CorrectedMax).ToList()) Correct(form);

        var best = Best(maker.Made);
        return Fault(best) is null || !work.Request.Searches ? (best, Fault(best)) : KeepFloat(best);
    }

    // The shortest beginning of the ranking that passes; then what is not needed of it goes back to int8.
    private (Form Form, string? Fault) KeepFloat(Form form)
    {
        Ranking = SensitivityRanking.Run(work, maker.RangesOf(form.Calibrator));
        foreach (var count in Counts((int)(Ranking.Count * FloatShareMax)))
        {
            work.Steps.Expect(4);
            var next = Try(form, [.. Ranking.Take(count)]);
            if (Fault(next) is null) return (PutBack(next, [.. Ranking.Take(count)]), null);
        }

        var best = Best(maker.Made);
        return (best, Fault(best));
    }

    private Form PutBack(Form passing, List<RankedTensor> kept)
    {
        var (best, tries) = (passing, 0);
        foreach (var candidate in kept.AsEnumerable().Reverse().ToList())
        {
            if (kept.Count == 1 || tries++ >= PutBackMax) break;
            work.Steps.Expect(4);
            List<RankedTensor> fewer = [.. kept.Where(k => k != candidate)];
            var form = Try(passing, fewer);
            if (Fault(form) is not null) continue;
            (best, kept) = (form, fewer);
        }

        return best;
    }

    // Corrected biases only where the form does not pass without, or comes nearer by them.
    private Form Try(Form like, List<RankedTensor> kept)
    {
        var form = maker.Make([like.Calibrator], kept.SelectMany(k => k.Tensors).ToHashSet(), like.IsFedBack)[0];
        return work.Request.CorrectsBias ? Best([form, .. Correct(form)]) : form;
    }

    private Form[] Correct(Form form)
    {
        var all = maker.Correct(form, BiasScope.All);
        return [maker.Correct(form, BiasScope.Head), maker.Halve(all), all];
    }

    private Form Best(IEnumerable<Form> forms) => forms.OrderBy(f => Fault(f) is null ? 0 : 1).ThenBy(f => f.Score.Divergence).First();

    private string? Fault(Form form) => work.Request.Gate.Fault(floatScore, form.Score);

    private static IEnumerable<int> Counts(int most)
    {
        for (var count = 1; count <= most; count += count < 4 ? 1 : count / 2) yield return count;
    }
}
