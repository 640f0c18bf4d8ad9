using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class GoldenJudgeTests
{
    private static readonly OutputSpec Output = new() { Tensor = "y", Activation = "softmax", Labels = ["health", "rust", "miner"] };

    private static readonly GoldenSet Set = new()
    {
        Tensors = new FileRef { Path = "golden/inputs.f32", Digest = Sha256Digest.Of(""u8), Size = 0 },
        LeastAgreement = 0.97,
        ProbabilityTolerance = 0.05,
        Items = [.. Enumerable.Range(0, 30).Select(i => new GoldenItem { Label = i % 3, Expected = Sure(i % 3) })],
    };

    private static KeptAnswer Said(IReadOnlyList<float> outputs) => new() { Outputs = outputs };

    private static float[] Sure(int label) => [.. Enumerable.Range(0, 3).Select(c => c == label ? 6f : 0f)];

    [Fact]
    public void Equal_answers_pass()
    {
        var verdict = GoldenJudge.Judge(Set, Output, [.. Set.Items.Select(i => Said(i.Expected))]);
        Assert.True(verdict.Passed);
        Assert.Equal((30, 30, 0.0), (verdict.Items, verdict.Agreed, verdict.ProbabilityChange));
    }

    [Fact]
    public void A_collapsed_variant_is_named_as_one()
    {
        var verdict = GoldenJudge.Judge(Set, Output, [.. Set.Items.Select(_ => Said(Sure(1)))]);
        Assert.False(verdict.Passed);
        Assert.StartsWith("answers 'rust' for every item: agrees with the float model on 10 of 30 golden items (33.3 %, at least 97 % asked)", verdict.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void One_wrong_of_thirty_is_below_97_percent() =>
        Assert.False(GoldenJudge.Judge(Set, Output, [Said(Sure(1)), .. Set.Items.Skip(1).Select(i => Said(i.Expected))]).Passed);

    [Fact]
    public void Right_answers_with_moved_probabilities_fail() =>
        Assert.False(GoldenJudge.Judge(Set, Output, [.. Set.Items.Select(i => Said([.. i.Expected.Select(v => v / 4)]))]).Passed);

    [Fact]
    public void What_is_not_a_number_fails_at_once()
    {
        var verdict = GoldenJudge.Judge(Set, Output, [null, .. Set.Items.Skip(1).Select(i => Said(i.Expected))]);
        Assert.False(verdict.Passed);
        Assert.Contains("not a number", verdict.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_are_judged_by_those_that_match_and_a_model_that_finds_nothing_is_named()
    {
        var (output, set) = (Output with { Boxes = Boxes }, Set with { LeastAgreement = 0.9, Items = [.. Enumerable.Range(0, 10).Select(i => new GoldenItem { Label = -1, Boxes = [At(0.1f * (i % 5), i % 3)] })] });

        Assert.True(GoldenJudge.Judge(set, output, [.. set.Items.Select(i => Found(i.Boxes[0] with { Left = i.Boxes[0].Left + 0.02f }))]).Passed);
        var nothing = GoldenJudge.Judge(set, output, [.. set.Items.Select(_ => Found())]);
        Assert.False(nothing.Passed);
        Assert.StartsWith("finds nothing in any item: finds 0 of the float model's 10 boxes", nothing.Summary, StringComparison.Ordinal);
        var others = GoldenJudge.Judge(set, output, [.. set.Items.Select(i => Found(i.Boxes[0], At(0.7f, 0)))]);
        Assert.False(others.Passed);
        Assert.Equal(2.0 / 3, others.Agreement, 9);
        Assert.False(GoldenJudge.Judge(set, output, [.. set.Items.Select(i => Found(i.Boxes[0] with { Label = (i.Boxes[0].Label + 1) % 3 }))]).Passed);
    }

    [Fact]
    public void A_set_without_any_box_proves_nothing_about_a_detector()
    {
        var set = Set with { Items = [new GoldenItem { Label = -1 }] };

        Assert.False(GoldenJudge.Judge(set, Output with { Boxes = Boxes }, [Found()]).Passed);
    }

    [Fact]
    public void Scores_are_judged_by_side_and_distance_and_a_constant_one_is_named()
    {
        var output = Output with { Activation = "none", Labels = OutputSpec.ScoreLabels, Score = new ScoreSpec { Kind = ScoreKind.Scalar, Threshold = 1, ThresholdLow = 0, ThresholdHigh = 2, Spread = 0.2 } };
        var set = Set with { Items = [.. Enumerable.Range(0, 20).Select(i => new GoldenItem { Label = i % 2, Score = i % 2 == 0 ? 0.3 : 1.9 })] };

        Assert.True(GoldenJudge.Judge(set, output, [.. set.Items.Select(i => new KeptAnswer { Score = i.Score + 0.02 })]).Passed);
        // On the right side, but no longer sure of it.
        Assert.False(GoldenJudge.Judge(set, output, [.. set.Items.Select(i => new KeptAnswer { Score = i.Score < 1 ? 0.95 : 1.05 })]).Passed);
        var constant = GoldenJudge.Judge(set, output, [.. set.Items.Select(_ => new KeptAnswer { Score = 5 })]);
        Assert.False(constant.Passed);
        Assert.StartsWith("scores 5 for every item: is on the float model's side of the threshold for 10 of 20", constant.Summary, StringComparison.Ordinal);
    }

    private static readonly BoxSpec Boxes = new() { Layout = "NAC", Candidates = 10, Coordinates = "xyxy", Unit = "normalised" };

    private static Box At(float left, int label) => new(label, 0.9f, left, 0.1f, left + 0.3f, 0.4f);

    private static KeptAnswer Found(params Box[] boxes) => new() { Boxes = boxes };

    [Fact]
    public void An_empty_set_proves_nothing() => Assert.False(GoldenJudge.Judge(Set with { Items = [] }, Output, []).Passed);
}
