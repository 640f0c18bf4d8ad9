using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>Good models that meet another scene are kept; models that collapse, starve the board or leak are turned back.</summary>
public sealed class ProbationComparisonTests
{
    private static readonly ProbationLimits Limits = new(Seconds: 900, SamplesMin: 20, FaultShareMax: 0.05, BudgetP95Us: 500_000) { MemoryMb = 100 };

    // The model before: three labels, sure of itself, 100 mJ a sample, in 300 MB, over changing minutes of one scene.
    private static readonly SlotMinute[] Day = [.. Enumerable.Range(0, 16).Select(i => Minute("a@1", [30 + i % 5, 20, 10 - i % 5], 880 + 5 * (i % 7), energyUj: 100_000 + 2000 * (i % 3)))];

    public static TheoryData<string, bool, string> Stories() => new()
    {
        { "a model like the one before", false, "" },
        { "better: somewhat surer, some answers others", false, "" },
        { "night: one label, unsure, dark", false, "" },
        { "somebody turned the camera: another mix, other colours", false, "" },
        { "inputs are not known", false, "" },
        { "one label for everything, and sure of it", true, "Class mix" },
        { "one label for everything, and unsure", true, "Confidence" },
        { "labels swapped", true, "Class mix" },
        { "unsure of everything", true, "Confidence" },
        { "a little less sure", false, "" },
        { "three times the energy", true, "Energy" },
        { "half as much energy again", false, "" },
        { "three times the energy by night", true, "Energy" },
        { "no meter", false, "" },
        { "takes 400 MB more", true, "Memory" },
        { "takes its budget beside the one before", false, "" },
        { "leaks 8 MB a minute", true, "Memory" },
        { "other slots load and unload models", false, "" },
    };

    [Theory, MemberData(nameof(Stories))]
    public void A_new_scene_turns_no_model_back_and_a_bad_model_is_turned_back(string story, bool fails, string why)
    {
        var verdict = Run(ModelBaseline.Of("a@1", Day), Enumerable.Range(0, 15).Select(i => Tell(story, i)));

        Assert.Equal(fails, verdict is ProbationVerdict.Failed);
        if (verdict is ProbationVerdict.Failed failed)
            Assert.StartsWith(why, failed.Reason, StringComparison.Ordinal);
        else
            Assert.IsType<ProbationVerdict.Passed>(verdict);
    }

    [Fact]
    public void Few_windows_or_samples_judge_no_answers()
    {
        var before = ModelBaseline.Of("a@1", Day);
        Assert.IsType<ProbationVerdict.GoesOn>(Run(before, Enumerable.Range(0, 4).Select(i => Tell("one label for everything, and sure of it", i))));
        var few = Enumerable.Range(0, 9).Select(_ => Minute("b@1", [0, 0, 5], 300));
        Assert.IsType<ProbationVerdict.GoesOn>(Run(before, few));
        Assert.IsType<ProbationVerdict.GoesOn>(Run(ModelBaseline.Of("a@1", Day.Take(4)), Enumerable.Range(0, 9).Select(i => Tell("unsure of everything", i))));
    }

    [Fact]
    public void A_model_before_that_changed_as_much_itself_blames_nobody()
    {
        // A gate: some minutes are all lorries, some all cars, and nothing else in the picture changes.
        var gate = Enumerable.Range(0, 16).Select(i => i % 4 == 0 ? Minute("a@1", [60, 0, 0], 900) : Minute("a@1", [0, 60, 0], 900));
        var lorries = Enumerable.Range(0, 15).Select(_ => Minute("b@1", [60, 0, 0], 900));
        Assert.IsType<ProbationVerdict.Passed>(Run(ModelBaseline.Of("a@1", gate), lorries));
    }

    [Fact]
    public void With_as_many_labels_as_answers_no_mix_is_judged()
    {
        var before = Enumerable.Range(0, 16).Select(i => Minute("a@1", [.. Enumerable.Range(0, 200).Select(l => l % 16 == i ? 1L : 0)], 900));
        var now = Enumerable.Range(0, 15).Select(i => Minute("b@1", [.. Enumerable.Range(0, 200).Select(l => (l + 3) % 40 == i ? 1L : 0)], 900));
        Assert.IsNotType<ProbationVerdict.Failed>(Run(ModelBaseline.Of("a@1", before), now));
    }

    [Fact]
    public void Other_labels_are_not_compared()
    {
        var others = Enumerable.Range(0, 15).Select(_ => Minute("b@1", [0, 0, 60], 900) with { Labels = "others" });
        Assert.IsType<ProbationVerdict.Passed>(Run(ModelBaseline.Of("a@1", Day), others));
    }

    [Fact]
    public void Limits_of_one_switch_confidence_and_mix_off()
    {
        var limits = Limits with { ConfidenceDropMax = 1, MixChangeMax = 1 };
        Assert.IsType<ProbationVerdict.Passed>(Run(ModelBaseline.Of("a@1", Day), Enumerable.Range(0, 15).Select(i => Tell("one label for everything, and unsure", i)), limits));
    }

    [Fact]
    public void What_leaked_before_as_well_is_not_the_candidate_s()
    {
        var leaking = Day.Select((m, i) => m with { AnonKb = (300 + 8 * i) * 1024 });
        Assert.IsType<ProbationVerdict.Passed>(Run(ModelBaseline.Of("a@1", leaking), Enumerable.Range(0, 15).Select(i => Tell("leaks 8 MB a minute", i) with { OpenModels = 9 })));
    }

    [Fact]
    public void Another_process_begins_its_memory_anew()
    {
        var minutes = Enumerable.Range(0, 15).Select(i => Tell("leaks 8 MB a minute", i % 4) with { Process = i / 4 });
        Assert.IsType<ProbationVerdict.Passed>(Run(ModelBaseline.Of("a@1", Day), minutes));
    }

    [Fact]
    public void Slow_drift_of_the_light_is_the_same_scene_and_a_cloud_of_one_feature_too()
    {
        var before = new InputSummary(100, [.. ImageFeatures.All.Select(_ => 50.0)], [.. ImageFeatures.All.Select(_ => 5.0)]);
        Assert.True(SceneCheck.IsSame(before, before with { Means = [.. before.Means.Select(m => m + 15)] }));
        Assert.True(SceneCheck.IsSame(before, before with { Means = [.. before.Means.Select((m, i) => i == 17 ? m + 300 : m)] }));
        Assert.False(SceneCheck.IsSame(before, before with { Means = [.. before.Means.Select((m, i) => i is 3 or 17 ? m + 300 : m)] }));
        Assert.False(SceneCheck.IsSame(null, before));
        Assert.False(SceneCheck.IsSame(before, before with { Means = [1, 2], Deviations = [1, 1] }));
    }

    private static SlotMinute Tell(string story, int i) => story switch
    {
        "better: somewhat surer, some answers others" => Minute("b@1", [35, 20, 5], 960),
        "night: one label, unsure, dark" => Minute("b@1", [0, 0, 60], 300) with { Inputs = Scene(luma: 8) },
        "somebody turned the camera: another mix, other colours" => Minute("b@1", [0, 60, 0], 880) with { Inputs = Scene(luma: 160) },
        "inputs are not known" => Minute("b@1", [0, 0, 60], 300) with { Inputs = null },
        "one label for everything, and sure of it" => Minute("b@1", [0, 0, 60], 990),
        "one label for everything, and unsure" => Minute("b@1", [0, 0, 60], 340),
        "labels swapped" => Minute("b@1", [5, 5, 50], 890),
        "unsure of everything" => Minute("b@1", [30, 20, 10], 450),
        "a little less sure" => Minute("b@1", [30, 20, 10], 700),
        "three times the energy" => Minute("b@1", [30, 20, 10], 890, energyUj: 300_000),
        "half as much energy again" => Minute("b@1", [30, 20, 10], 890, energyUj: 150_000),
        "three times the energy by night" => Minute("b@1", [0, 0, 60], 300, energyUj: 300_000) with { Inputs = Scene(luma: 8) },
        "no meter" => Minute("b@1", [30, 20, 10], 890, energyUj: null),
        "takes 400 MB more" => Minute("b@1", [30, 20, 10], 890) with { AnonKb = 700 * 1024 },
        "takes its budget beside the one before" => Minute("b@1", [30, 20, 10], 890) with { AnonKb = 400 * 1024 + 700 * (i % 3) },
        "leaks 8 MB a minute" => Minute("b@1", [30, 20, 10], 890) with { AnonKb = (340 + 8 * i) * 1024 },
        "other slots load and unload models" => Minute("b@1", [30, 20, 10], 890) with { AnonKb = (340 + 100 * (i % 3)) * 1024, OpenModels = 2 + i % 3 },
        _ => Minute("b@1", [30, 20, 10], 890),
    };

    private static SlotMinute Minute(string model, long[] mix, int confidence, long? energyUj = 100_000) =>
        new(Some.Row(model, answered: mix.Sum()) with { Confidence = confidence, EnergyUj = energyUj, EnergyNetUj = energyUj })
        {
            Mix = mix, Labels = "three", Inputs = Scene(luma: 100), AnonKb = (model == "a@1" ? 300 : 380) * 1024, OpenModels = model == "a@1" ? 1 : 2, Process = 1,
        };

    private static InputSummary Scene(double luma) => new(60, [.. ImageFeatures.All.Select((_, i) => i < 9 ? luma : 0.5)], [.. ImageFeatures.All.Select((_, i) => i < 9 ? 4.0 : 0.02)]);

    private static ProbationVerdict Run(ModelBaseline? before, IEnumerable<SlotMinute> minutes, ProbationLimits? limits = null)
    {
        ProbationVerdict verdict = new ProbationVerdict.GoesOn(new ProbationWatch { Before = before, BaselineP95Us = before?.P95Us });
        foreach (var minute in minutes)
        {
            if (verdict is not ProbationVerdict.GoesOn on)
                return verdict;
            verdict = ProbationPolicy.Judge(on.Watch, new ProbationMinute(minute.Row, 0) { Seen = minute }, limits ?? Limits);
        }

        return verdict;
    }
}
