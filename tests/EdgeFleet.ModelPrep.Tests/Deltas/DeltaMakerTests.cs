using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Testing;
using FsCheck.Xunit;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Deltas;

public sealed class DeltaMakerTests : IDisposable
{
    private readonly DeltaBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Property(MaxTest = 200)]
    public void Any_two_files_give_a_delta_that_makes_the_second_of_the_first(byte[] before, byte[] after) => _bench.RoundTrip(before, after);

    [Property(MaxTest = 200)]
    public void So_do_files_that_share_parts_in_another_order(int seed)
    {
        var random = new Random(seed);
        var before = new byte[random.Next(1, 200_000)];
        random.NextBytes(before);
        var after = new List<byte>();
        for (var part = random.Next(6); part >= 0; part--)
        {
            var from = random.Next(before.Length);
            after.AddRange(before[from..random.Next(from, before.Length)]);
            var fresh = new byte[random.Next(300)];
            random.NextBytes(fresh);
            after.AddRange(fresh);
        }

        var bytes = _bench.RoundTrip(before, [.. after]);

        Assert.True(bytes <= DeltaHeader.Bytes + 8 * (300 + 30), $"{bytes} bytes for {after.Count} of which few are new.");
    }

    [Property(MaxTest = 100)]
    public void Models_whose_weights_type_names_and_nodes_change_come_out_as_they_are(int seed)
    {
        var random = new Random(seed);
        _bench.RoundTrip(OnnxFile.Bytes(Model(random)), OnnxFile.Bytes(Model(random)));
    }

    [Property(MaxTest = 100)]
    public void So_do_models_whose_bytes_were_mutated(int seed)
    {
        var random = new Random(seed);
        var before = OnnxFile.Bytes(Model(random));
        List<byte> after = [.. before];
        for (var change = random.Next(20); change >= 0 && after.Count > 0; change--)
        {
            var at = random.Next(after.Count);
            switch (random.Next(3))
            {
                case 0: after[at] = (byte)random.Next(256); break;
                case 1: after.RemoveRange(at, random.Next(Math.Min(50, after.Count - at))); break;
                default: after.InsertRange(at, after.GetRange(at, random.Next(Math.Min(50, after.Count - at)))); break;
            }
        }

        _bench.RoundTrip(before, [.. after]);
    }

    [Fact]
    public void Weights_that_moved_by_a_step_cost_a_fraction_of_a_bit_for_each_that_stayed()
    {
        var (random, weights) = (new Random(5), new sbyte[200_000]);
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        var moved = weights.Select(w => random.Next(50) == 0 ? (sbyte)(w + 1) : w).ToArray();

        var bytes = _bench.RoundTrip(OnnxFile.Bytes(Model(Tensors.SignedBytes("w", weights, 200_000))), OnnxFile.Bytes(Model(Tensors.SignedBytes("w", moved, 200_000))));

        // 0.14 bits a weight is their entropy.
        Assert.True(bytes < 200_000 / 8 * 0.25, $"{bytes} bytes");
    }

    [Fact]
    public void A_tensor_is_found_again_under_another_name_and_place()
    {
        var (random, first, second) = (new Random(6), new float[20_000], new float[20_000]);
        for (var i = 0; i < first.Length; i++)
            (first[i], second[i]) = ((float)random.NextDouble(), (float)random.NextDouble());

        var bytes = _bench.RoundTrip(
            OnnxFile.Bytes(Model(Tensors.Floats("a", first, 20_000), Tensors.Floats("b", second, 20_000))),
            OnnxFile.Bytes(Model(Tensors.Floats("other", second, 20_000), Tensors.Floats("names", first, 20_000))));

        Assert.True(bytes < 500, $"{bytes} bytes");
    }

    [Fact]
    public void The_real_models_come_out_as_they_are()
    {
        if (RealData.Folder is null) Assert.Skip(RealData.Absent);
        var folder = Path.Combine(RealData.Folder!, "coffee-leaf-models");
        byte[] Read(string name) => File.ReadAllBytes(Path.Combine(folder, name));

        _bench.RoundTrip(Read("coffee_leaf_int8_qdq.onnx"), Read("coffee_leaf_int8_collapsed.onnx"));
        var bytes = _bench.RoundTrip(Read("mobilenet_v1_025_224_imagenet_float.onnx"), Read("coffee_leaf_float.onnx"));
        Assert.True(bytes < Read("coffee_leaf_float.onnx").Length);
    }

    [Fact]
    public void The_same_files_give_the_same_delta()
    {
        var (before, after) = (OnnxFile.Bytes(Model(new Random(1))), OnnxFile.Bytes(Model(new Random(2))));

        Assert.Equal(DeltaMaker.Make(before, after), DeltaMaker.Make(before, after));
    }

    private static ModelProto Model(Random random)
    {
        var tensors = new List<TensorProto>();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var count = random.Next(1, 3) * 20_000 / random.Next(1, 40);
            var name = $"w{random.Next(6)}";
            tensors.Add(random.Next(4) switch
            {
                0 => Tensors.Floats(name, [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble())], count),
                1 => Tensors.Longs(name, [.. Enumerable.Range(0, count).Select(n => (long)n * random.Next(3))], count),
                2 => Tensors.Ints(name, [.. Enumerable.Range(0, count).Select(_ => random.Next(-900, 900))], count),
                _ => Tensors.SignedBytes(name, [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-9, 9))], count),
            });
        }

        return Model([.. tensors]);
    }

    private static ModelProto Model(params TensorProto[] tensors)
    {
        var model = new GraphBuilder("delta").Input("x", DataType.Float, 1).Node("Relu", ["x"], "y").Output("y", DataType.Float, 1).Model(13, "test", "");
        model.Graph.Initializer.AddRange(tensors);
        return model;
    }
}
