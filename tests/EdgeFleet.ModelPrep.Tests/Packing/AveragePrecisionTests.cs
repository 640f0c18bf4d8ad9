using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class AveragePrecisionTests
{
    [Fact]
    public void Without_a_true_box_there_is_none() => Assert.Null(AveragePrecision.Mean([([], [At(0, 0.9f)])]));

    [Fact]
    public void All_found_and_nothing_else_is_one() => Assert.Equal(1, AveragePrecision.Mean([([At(0, 1), At(1, 1)], [At(1, 0.9f), At(0, 0.8f)])]));

    [Fact]
    public void A_wrong_box_costs_by_where_it_stands()
    {
        // Right, wrong, right of two true boxes: precision 1 at recall 1/2, 2/3 at recall 1.
        Assert.Equal((1 + (2.0 / 3)) / 2, AveragePrecision.Mean([([At(0, 1), At(4, 1)], [At(0, 0.9f), At(2, 0.8f), At(4, 0.7f)])])!.Value, 9);
        Assert.Equal(1, AveragePrecision.Mean([([At(0, 1), At(4, 1)], [At(0, 0.9f), At(4, 0.8f), At(2, 0.7f)])])!.Value, 9);
    }

    [Fact]
    public void Labels_count_the_same_however_often_they_occur()
    {
        var found = AveragePrecision.Mean([([At(0, 1), At(2, 1), At(4, 1), At(6, 1) with { Label = 1 }], [At(0, 0.9f), At(2, 0.9f), At(4, 0.9f)])]);

        Assert.Equal(0.5, found);
    }

    private static Box At(int place, float score) => new(0, score, place / 10f, 0, (place + 1) / 10f, 0.1f);
}
