using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Tests.Updates.Evidence;

public sealed class ShadowPolicyTests
{
    [Theory]
    [InlineData(200, 160, 0.9, true)]  // 80 %: even the upper bound lies below.
    [InlineData(200, 176, 0.9, false)] // 88 %: 90 % may well be true.
    [InlineData(200, 196, 0.9, false)]
    [InlineData(50, 40, 0.9, true)]
    [InlineData(50, 42, 0.9, false)]   // The same share as above of fewer samples tells less.
    [InlineData(49, 0, 0.9, false)]    // Too few to tell.
    public void Agreement_is_judged_by_its_bound_from_the_least_sample_on(int samples, int same, double least, bool fails) =>
        Assert.Equal(fails, Judge(Seen(samples, same), new ShadowLimits { AgreementMin = least }) is ShadowVerdict.Failed);

    [Fact]
    public void Too_few_samples_pass_on_with_a_word()
    {
        var passed = Assert.IsType<ShadowVerdict.Passed>(Judge(Seen(12, 0), new ShadowLimits { AgreementMin = 0.9 }));
        Assert.StartsWith("too few to tell: 12 of the 50 samples", passed.Word, StringComparison.Ordinal);
        Assert.IsType<ShadowVerdict.Failed>(Judge(Seen(12, 0), new ShadowLimits { AgreementMin = 0.9, SamplesMin = 10 }));
    }

    [Theory]
    [InlineData(10_000, 16_000, true)]
    [InlineData(10_000, 14_000, false)]
    [InlineData(500, 1400, false)] // Less than a millisecond more is nothing to refuse a model for.
    public void A_p95_beyond_its_ratio_fails(double before, double now, bool fails) =>
        Assert.Equal(fails, Judge(Seen(100, 100, runUs: now, otherUs: before), new ShadowLimits { LatencyRatioMax = 1.5 }) is ShadowVerdict.Failed);

    [Theory]
    [InlineData(100_000, 150_000L, true)]
    [InlineData(100_000, 110_000L, false)]
    [InlineData(100_000, null, false)]
    public void Energy_beyond_its_ratio_fails_where_a_meter_tells(long before, long? now, bool fails)
    {
        var seen = Seen(100, 100);
        if (now is { } uj)
        {
            seen = seen with
            {
                Candidate = seen.Candidate with { EnergyUj = 100 * uj, EnergySamples = 100 },
                Other = seen.Other with { EnergyUj = 100 * before, EnergySamples = 100 },
            };
        }

        var verdict = Judge(seen, new ShadowLimits { EnergyRatioMax = 1.2 });
        Assert.Equal(fails, verdict is ShadowVerdict.Failed);
        if (now is null)
            Assert.Contains("no meter tells it", Assert.IsType<ShadowVerdict.Passed>(verdict).Word, StringComparison.Ordinal);
    }

    [Fact]
    public void A_candidate_that_fails_its_samples_is_refused_without_any_limit()
    {
        var seen = Seen(20, 20) with { Candidate = Side(10, 5000) with { Failed = 10 } };
        Assert.Contains("it failed 10 of 20 live samples", Assert.IsType<ShadowVerdict.Failed>(Judge(seen, new ShadowLimits())).Reason, StringComparison.Ordinal);
        Assert.IsType<ShadowVerdict.Passed>(Judge(Seen(20, 20) with { Candidate = Side(18, 5000) with { Failed = 2 } }, new ShadowLimits()));
    }

    [Fact]
    public void Other_labels_are_not_judged_by_agreement_and_that_is_said()
    {
        var passed = Assert.IsType<ShadowVerdict.Passed>(Judge(Seen(100, 0) with { Agreement = null }, new ShadowLimits { AgreementMin = 0.9 }));
        Assert.Contains("agreement not judged", passed.Word, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6.0, 1.0, 200_000)]    // 1 W more over 60 s and 300 runs is 200 mJ each.
    [InlineData(5.0, 1.0, 0)]          // Nothing more.
    [InlineData(6.0, 2.0, null)]       // Samples came twice as fast: nothing is known.
    public void The_candidates_energy_is_what_the_board_took_more_than_before(double watts, double rate, int? uj)
    {
        // Before: 5 W at 10 samples a second, of it 250 mJ a sample net of the idle board.
        var before = Enumerable.Range(0, 5).Select(i => Some.Row("a@1", answered: 600) with { EnergyUj = 500_000 + 10 * (i % 2), EnergyNetUj = 250_000 }).ToList();
        var seen = ShadowEnergy.AddTo(Seen(300, 300), before, new PowerTotals(watts * 60, 60, 600, 0, 0, 1), (long)(600 * rate));
        Assert.Equal(uj, seen.Candidate.MeanEnergyUj is { } mean ? (int)Math.Round(mean / 1000) * 1000 : null);
    }

    [Fact]
    public void A_board_whose_power_scatters_tells_no_energy_of_a_candidate()
    {
        var before = Enumerable.Range(0, 4).Select(i => Some.Row("a@1", answered: 600) with { EnergyUj = 300_000 + 200_000 * (i % 2), EnergyNetUj = 250_000 }).ToList();
        Assert.Null(ShadowEnergy.AddTo(Seen(300, 300), before, new PowerTotals(360, 60, 600, 0, 0, 1), 600).Candidate.MeanEnergyUj);
    }

    private static ShadowVerdict Judge(CandidateEvidence seen, ShadowLimits limits) => ShadowPolicy.Judge(seen, limits, faultShareMax: 0.05);

    private static CandidateEvidence Seen(int samples, int same, double runUs = 5000, double otherUs = 5000) => new()
    {
        Stage = EvidenceStage.Shadow,
        Against = "a@1",
        Agreement = new AnswerAgreement { Samples = samples, Same = same },
        Candidate = Side(samples, runUs),
        Other = Side(samples, otherUs),
    };

    private static ModelSide Side(int samples, double runUs)
    {
        var sketch = new SketchBuilder();
        for (var i = 0; i < samples; i++)
            sketch.Add(runUs);
        return new ModelSide { Answered = samples, RunUs = sketch.Build() };
    }
}
