using EdgeFleet.Agent.Updates.Evidence;

namespace EdgeFleet.Agent.Tests.Updates.Evidence;

public sealed class MinuteEvidenceTests
{
    [Fact]
    public void Minutes_of_both_stand_side_by_side()
    {
        var (evidence, package) = (new MinuteEvidence(), Some.Package("b"));
        evidence.Begin(package, "a@1.0.0", [Some.Row("a@1.0.0", answered: 60) with { Confidence = 900, EnergyUj = 2000 }, Some.Row("a@1.0.0", answered: 40)]);
        evidence.Add(package, Some.Row("b@1.0.0", answered: 50, failed: 2, p95Us: 30_000) with { Confidence = 500, EnergyUj = 5000, EnergyNetUj = 4000 });

        var built = evidence.Build(package)!;

        Assert.Equal(("a@1.0.0", 50, 2, 100), (built.Against, built.Candidate.Answered, built.Candidate.Failed, built.Other.Answered));
        Assert.Equal((0.5, 4000.0, 2000.0), (built.Candidate.MeanConfidence!.Value, built.Candidate.MeanEnergyUj!.Value, built.Other.MeanEnergyUj!.Value));
        Assert.Equal(60, built.Other.EnergySamples);
        Assert.InRange(built.Candidate.RunUs.Quantile(0.95), 29_700, 30_300);
        Assert.Null(built.Agreement);
    }

    [Fact]
    public void After_a_restart_the_model_before_is_told_by_what_is_on_record_of_it()
    {
        var (evidence, package) = (new MinuteEvidence(), Some.Package("b"));
        var before = ModelBaseline.Of("a@1.0.0", [new SlotMinute(Some.Row("a@1.0.0", answered: 60, p95Us: 20_000) with { Confidence = 900, EnergyNetUj = 2000 })]);
        evidence.Resume(package, before);
        evidence.Add(package, Some.Row("b@1.0.0", answered: 50));
        evidence.Resume(package, before);
        evidence.Add(package, Some.Row("b@1.0.0", answered: 50));

        var built = evidence.Build(package)!;

        Assert.Equal(("a@1.0.0", 100, 60), (built.Against, built.Candidate.Answered, built.Other.Answered));
        Assert.Equal((0.9, 2000.0), (built.Other.MeanConfidence!.Value, built.Other.MeanEnergyUj!.Value));
        Assert.InRange(built.Other.RunUs.Quantile(0.95), 19_800, 20_200);
    }

    [Fact]
    public void Without_a_model_before_there_is_none()
    {
        var (evidence, package) = (new MinuteEvidence(), Some.Package("b"));
        evidence.Begin(package, null, []);
        evidence.Add(package, Some.Row("b@1.0.0"));

        Assert.Null(evidence.Build(package));
        Assert.Null(evidence.Build(Some.Package("c")));
    }
}
