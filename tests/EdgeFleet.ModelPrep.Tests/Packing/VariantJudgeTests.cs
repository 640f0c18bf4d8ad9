using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class VariantJudgeTests
{
    private static readonly PackSpecs Specs = new(
        new InputSpec { Kind = "series", Tensor = "x", Layout = "NCT", Columns = ["a"], Length = 1, Scale = [1], Offset = [0] },
        new OutputSpec { Tensor = "y", Activation = "softmax", Labels = ["calm", "loud"] });

    [Fact]
    public void A_variant_that_agrees_enough_is_not_refused()
    {
        var report = Judge([.. Enumerable.Repeat((Float: 0, Mine: 0), 97), .. Enumerable.Repeat((Float: 0, Mine: 1), 3)]);

        Assert.Null(report.Refused);
        Assert.Equal(0.97, report.Splits["val"].Agreement);
    }

    [Fact]
    public void A_variant_that_disagrees_here_and_there_is_refused_with_the_count()
    {
        var report = Judge([.. Enumerable.Range(0, 100).Select(i => (Float: i % 2, Mine: i % 5 == 0 ? 1 - (i % 2) : i % 2))]);

        Assert.Equal("int8.onnx agrees with float.onnx on 80 of 100 validation windows (80.0 %), at least 97 % is asked.", report.Refused);
    }

    [Fact]
    public void Values_that_are_no_numbers_are_refused_as_such()
    {
        var report = Judge([(0, -1), (1, -1), (0, 0)]);

        Assert.StartsWith("int8.onnx answers 2 of 3 validation windows with a value that is not a number", report.Refused, StringComparison.Ordinal);
        Assert.Equal(-200, report.SqnrDb);
    }

    [Fact]
    public void Golden_items_cover_every_class_and_hold_its_closest_and_its_surest_call()
    {
        var validation = Enumerable.Range(0, 200).Select(i => Asked(File(i, i < 20 ? 0 : 1), [i < 20 ? 1 + (i * 0.1f) : 0, i < 20 ? 0 : 1 + (i * 0.1f)])).ToList();

        var picked = GoldenPicker.Pick(validation, Specs.Output, itemBytes: 400);

        Assert.InRange(picked.Count, 40, 64);
        Assert.Equal(20, picked.Count(p => p.Label == 0));
        Assert.Contains(validation[20], picked);
        Assert.Contains(validation[199], picked);
    }

    private static VariantReport Judge(IEnumerable<(int Float, int Mine)> answers)
    {
        List<Answered> validation = [.. answers.Select((a, i) => Asked(File(i, a.Float), Outputs(a.Float), Outputs(a.Mine)))];
        return VariantJudge.Judge(new JudgedModel("int8.onnx", "cpu-int8", 10), 1, "float.onnx", new Dictionary<string, List<Answered>> { ["val"] = validation }, Specs, new VariantLimits(0.97, 0.03));
    }

    private static Answered Asked(LabelledFile file, params float[][] outputs) => new(
        file, 0, [.. outputs.Select(o => new ModelAnswer(o.All(float.IsFinite) ? new KeptAnswer { Outputs = o } : null, Top(o), 0, 0, 0, o.Zip(outputs[0], (a, b) => (double)(a - b) * (a - b)).Sum()))],
        outputs[0].Sum(v => (double)v * v));

    private static int Top(float[] outputs) => outputs.All(float.IsFinite) ? Array.IndexOf(outputs, outputs.Max()) : -1;

    private static LabelledFile File(int number, int label) => new($"{number}.csv", $"{number}.csv", label, "val");

    private static float[] Outputs(int answer) => answer < 0 ? [float.NaN, 0] : answer == 0 ? [2, 1] : [1, 2];
}
