using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Testing;
using Google.Protobuf;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Onnx;

public sealed class OnnxFileTests
{
    [Fact]
    public void A_real_models_bytes_survive_reading_and_writing()
    {
        var path = Path.Combine(RealCoffee.OrSkip().Models, "coffee_leaf_int8_qdq.onnx");
        using var folder = new TempFolder();

        OnnxFile.Write(OnnxFile.Read(path), folder["again.onnx"]);

        Assert.Equal(OnnxFile.Read(path), OnnxFile.Read(folder["again.onnx"]));
        Assert.Equal(new FileInfo(path).Length, new FileInfo(folder["again.onnx"]).Length);
    }

    [Fact]
    public void Fields_that_the_schema_does_not_name_survive_a_rewrite()
    {
        // Field 25 (functions) with four bytes, as a newer exporter may write.
        byte[] unknown = [0xCA, 0x01, 0x04, 1, 2, 3, 4];
        byte[] bytes = [.. OnnxFile.Bytes(Tiny()), .. unknown];

        var rewritten = OnnxFile.Bytes(OnnxFile.Parse(bytes, "newer.onnx"));

        Assert.Equal(bytes, rewritten);
    }

    [Fact]
    public void A_file_that_is_absent_empty_or_cut_off_is_named_in_the_error()
    {
        using var folder = new TempFolder();
        var whole = OnnxFile.Bytes(Tiny());
        File.WriteAllBytes(folder["cut.onnx"], whole[..(whole.Length / 2)]);
        File.WriteAllBytes(folder["empty.onnx"], []);
        File.WriteAllText(folder["text.onnx"], "this is no model");

        foreach (var name in new[] { "absent.onnx", "cut.onnx", "empty.onnx", "text.onnx" })
            Assert.Contains(name, Assert.Throws<OnnxFileException>(() => OnnxFile.Read(folder[name])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_over_the_limit_is_refused_before_it_is_read()
    {
        using var folder = new TempFolder();
        OnnxFile.Write(Tiny(), folder["big.onnx"]);

        var refused = Assert.Throws<OnnxFileException>(() => OnnxFile.Read(folder["big.onnx"], bytesMax: 10));

        Assert.Contains("limit of 10", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_in_another_file_are_refused()
    {
        var model = Tiny();
        model.Graph.Initializer[0].DataLocation = DataLocation.External;

        var refused = Assert.Throws<OnnxFileException>(() => OnnxFile.Parse(OnnxFile.Bytes(model), "outside.onnx"));

        Assert.Contains("weights inside", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_damage_ends_in_a_model_or_in_an_error_that_names_the_file()
    {
        var whole = OnnxFile.Bytes(Tiny());
        var random = new Random(1);
        for (var i = 0; i < 3000; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var hits = random.Next(1, 4); hits > 0; hits--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                OnnxFile.Parse(damaged, "damaged.onnx");
            }
            catch (OnnxFileException refused)
            {
                Assert.Contains("damaged.onnx", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Floats_read_the_same_from_raw_and_from_listed_data()
    {
        var listed = new TensorProto { Name = "t", DataType = (int)DataType.Float, Dims = { 2 }, FloatData = { 1.5f, -2f } };

        Assert.Equal([1.5f, -2f], Tensors.ToFloats(listed));
        Assert.Equal([1.5f, -2f], Tensors.ToFloats(Tensors.Floats("t", [1.5f, -2f], 2)));
        Assert.Throws<InvalidOperationException>(() => Tensors.ToFloats(new TensorProto(listed) { Dims = { 3 } }));
    }

    private static ModelProto Tiny() => new GraphBuilder("tiny")
        .Input("x", DataType.Float, 1, 2)
        .Constant(Tensors.Floats("one", [1f]))
        .Node("Add", ["x", "one"], "y")
        .Output("y", DataType.Float, 1, 2)
        .Model(13, "test", "");
}
