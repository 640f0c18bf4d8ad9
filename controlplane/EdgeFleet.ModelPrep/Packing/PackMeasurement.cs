using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Everything that was measured of the models on the data.</summary>
internal sealed record PackMeasurement(
    PackageReport Report, Reference Reference, IReadOnlyList<LatencyFigures> Latency, IReadOnlyList<Answered> Validation, AdviceTexts? Advice)
{
    /// <summary>Asks every model every sample that it has to answer.</summary>
    public static PackMeasurement Take(
        PackRequest request, PackSpecs specs, LabelledData data, PackModels models, IProgress<PackProgress>? progress, CancellationToken cancel)
    {
        var advice = request.Advice is null ? null : AdviceReader.Open(request.Advice, specs.Output.Labels);
        var reader = new SplitReader(ISampleReader.For(specs.Input));
        var reference = new ReferenceBuilder(specs.Input, specs.Output);
        var runner = new ModelRunner(models.Sessions, models.Names, specs.Input, specs.Output);
        var floatRunner = new ModelRunner([models.Sessions[0]], models.Names, specs.Input, specs.Output);
        var steps = new Steps(progress, data.Files.Count + (BudgetProposer.Blocks * models.All.Count(m => m.Provider == ExecutionProviders.Cpu)));
        PreparedSample? first = null;

        IEnumerable<PreparedSample> Watch(string split, string what)
        {
            foreach (var sample in reader.Read(data.Of(split), cancel))
            {
                first ??= sample;
                if (split != "test") reference.AddInput(sample);
                steps.Next(sample.File, what);
                yield return sample;
            }
        }

        var splits = new SortedDictionary<string, List<Answered>>(StringComparer.Ordinal);
        foreach (var split in new[] { "val", "test" }.Where(s => data.Of(s).Count > 0))
            splits[split] = [.. runner.Ask(Watch(split, $"compare on {split}"))];
        foreach (var answered in splits["val"]) reference.AddAnswer(answered);
        foreach (var answered in floatRunner.Ask(Watch("train", "reference from train")))
            reference.AddAnswer(answered);

        var latency = BudgetProposer.Measure(models, first!, () => steps.Next(null, "latency, by turns"), cancel);

        var floatFile = models.All[0].Judged.File;
        var report = new PackageReport
        {
            Float = splits.ToDictionary(s => s.Key, s => VariantJudge.Score(s.Value, 0, specs.Output)),
            Variants = [.. models.Variants.Select(v => VariantJudge.Judge(v.Model.Judged, v.Index, floatFile, splits, specs, new VariantLimits(request.AgreementMin, request.AccuracyLossMax)))],
            Unreadable = [.. reader.Unreadable],
        };
        return new PackMeasurement(report, reference.Build(splits["val"], models.Variants.Select(v => (v.Model.Judged.Variant, v.Index))), latency, splits["val"], advice);
    }

    /// <summary>Counts files, however many samples each has.</summary>
    private sealed class Steps(IProgress<PackProgress>? progress, int total)
    {
        private LabelledFile? _last;
        private int _done;

        public void Next(LabelledFile? file, string what)
        {
            if (file is not null && file == _last) return;
            _last = file;
            progress?.Report(new PackProgress(Math.Min(++_done, total), total, what));
        }
    }
}
