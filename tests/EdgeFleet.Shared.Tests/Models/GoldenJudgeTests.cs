using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

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

    private static float[] Sure(int label) => [.. Enumerable.Range(0, 3).Select(c => c == label ? 6f : 0f)];

    [Fact]
    public void Equal_answers_pass()
    {
        var verdict = GoldenJudge.Judge(Set, Output, [.. Set.Items.Select(i => i.Expected.ToArray())]);
        Assert.True(verdict.Passed);
        Assert.Equal((30, 30, 0.0), (verdict.Items, verdict.Agreed, verdict.ProbabilityChange));
    }

    [Fact]
    public void A_collapsed_variant_is_named_as_one()
    {
        var verdict = GoldenJudge.Judge(Set, Output, [.. Set.Items.Select(_ => Sure(1))]);
        Assert.False(verdict.Passed);
        Assert.StartsWith("answers 'rust' for every item: agrees with the float model on 10 of 30 golden items (33.3 %, at least 97 % asked)", verdict.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void One_wrong_of_thirty_is_below_97_percent() =>
        Assert.False(GoldenJudge.Judge(Set, Output, [Sure(1), .. Set.Items.Skip(1).Select(i => i.Expected.ToArray())]).Passed);

    [Fact]
    public void Right_answers_with_moved_probabilities_fail() =>
        Assert.False(GoldenJudge.Judge(Set, Output, [.. Set.Items.Select(i => i.Expected.Select(v => v / 4).ToArray())]).Passed);

    [Fact]
    public void What_is_not_a_number_fails_at_once()
    {
        var verdict = GoldenJudge.Judge(Set, Output, [[float.NaN, 0, 0], .. Set.Items.Skip(1).Select(i => i.Expected.ToArray())]);
        Assert.False(verdict.Passed);
        Assert.Contains("not a number", verdict.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_set_proves_nothing() => Assert.False(GoldenJudge.Judge(Set with { Items = [] }, Output, []).Passed);
}
