using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

public sealed class DeadChannelsTests
{
    [Theory]
    [InlineData("relu", "c1", 0f)]
    [InlineData("old-opset", "c1", 0f)]
    [InlineData("silu", "c1", 0f)]
    [InlineData("one-dimensional", "c1", 0f)]
    public void A_channel_that_never_changes_is_cut_out_and_the_answers_stay(string name, string layer, float value)
    {
        var model = FloatModel.Prepare(WithDead(SmallNets.Model(name), layer, value, 2, 7, 11), name);
        var feed = SampleFeed.Of(SmallNets.InputOf(name));
        using var samples = SampleSpool.Take(SmallNets.Samples(name, 40, seed: 1), feed.Elements);

        var (slim, removed) = DeadChannels.Remove(model, feed, samples, TestContext.Current.CancellationToken);

        if (name == "silu")
        {
            // The two ways of a gate meet again in a Mul: its channels depend on one another.
            Assert.Empty(removed);
            Assert.Same(model, slim);
            return;
        }

        Assert.Equal(3, removed[layer]);
        Assert.True(OnnxFile.Bytes(slim).Length < OnnxFile.Bytes(model).Length);
        AssertSame(model, slim, feed, samples);
    }

    [Fact]
    public void What_a_channel_with_a_value_adds_goes_into_the_next_bias()
    {
        // The reader of pw is a pointwise convolution: it pads nothing.
        var model = FloatModel.Prepare(WithDead(SmallNets.Model("relu"), "dw", 0.75f, 4), "relu");
        var feed = SampleFeed.Of(SmallNets.InputOf("relu"));
        using var samples = SampleSpool.Take(SmallNets.Samples("relu", 40, seed: 1), feed.Elements);

        var (slim, removed) = DeadChannels.Remove(model, feed, samples, TestContext.Current.CancellationToken);

        Assert.InRange(removed["c1"], 1, 8);
        AssertSame(model, slim, feed, samples);
    }

    [Fact]
    public void A_channel_with_a_value_before_padding_stays_for_the_border_does_not_have_it()
    {
        var model = FloatModel.Prepare(WithDead(SmallNets.Model("leaky"), "c1", 0.75f, 4), "leaky");
        var feed = SampleFeed.Of(SmallNets.InputOf("leaky"));
        using var samples = SampleSpool.Take(SmallNets.Samples("leaky", 20, seed: 1), feed.Elements);

        Assert.Empty(DeadChannels.Remove(model, feed, samples, TestContext.Current.CancellationToken).Removed);
    }

    private static ModelProto WithDead(ModelProto model, string layer, float value, params int[] channels)
    {
        var node = model.Graph.Node.First(n => n.Output[0] == layer);
        foreach (var input in node.Input.Skip(1))
        {
            var tensor = model.Graph.Initializer.First(t => t.Name == input);
            var values = Tensors.ToFloats(tensor);
            var each = values.Length / (int)tensor.Dims[0];
            foreach (var channel in channels) values.AsSpan(channel * each, each).Fill(tensor.Dims.Count == 1 ? value : 0);
            tensor.RawData = Tensors.Floats("t", values, [.. tensor.Dims]).RawData;
        }

        return model;
    }

    private static void AssertSame(ModelProto model, ModelProto slim, SampleFeed feed, SampleSpool samples)
    {
        using var before = new TensorWatch(model, ["output"], feed);
        using var after = new TensorWatch(slim, ["output"], feed);
        foreach (var sample in samples.Read(10))
        {
            float[] wanted = [], given = [];
            before.Run(sample.Tensor, (_, _, values) => wanted = values.ToArray());
            after.Run(sample.Tensor, (_, _, values) => given = values.ToArray());
            for (var i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], given[i], 1e-3f);
        }
    }
}
