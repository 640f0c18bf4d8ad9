using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Testing;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Weights_beside_the_model_are_brought_in_wherever_they_lie_in_their_file()
    {
        File.WriteAllBytes(_folder["weights.bin"], [9, 9, 9, 9, .. Tensors.Floats("one", [1.5f]).RawData.ToByteArray(), 9]);
        var model = OnnxFile.Read(Written(("location", "weights.bin"), ("offset", "4"), ("length", "4")));

        Assert.Equal([1.5f], Tensors.ToFloats(model.Graph.Initializer[0]));
        Assert.False(model.Graph.Initializer[0].HasDataLocation);
        Assert.Empty(model.Graph.Initializer[0].ExternalData);
    }

    [Theory]
    [InlineData("absent.bin", "0", "does not exist")]
    [InlineData("../outside.bin", "0", "not beside it")]
    [InlineData("/etc/hostname", "0", "not beside it")]
    [InlineData("short.bin", "2", "looks for 'one'")]
    [InlineData("short.bin", "minus", "no number")]
    [InlineData("link.bin", "0", "behind the link")]
    public void A_place_that_cannot_be_read_is_named_and_nothing_outside_is_opened(string location, string offset, string said)
    {
        File.WriteAllBytes(_folder["short.bin"], [1, 2, 3, 4]);
        File.CreateSymbolicLink(_folder["link.bin"], _folder["short.bin"]);

        var refused = Assert.Throws<OnnxFileException>(() => OnnxFile.Read(Written(("location", location), ("offset", offset))));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains("'one'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_length_that_is_not_the_shapes_is_refused()
    {
        File.WriteAllBytes(_folder["weights.bin"], new byte[64]);

        var refused = Assert.Throws<OnnxFileException>(() => OnnxFile.Read(Written(("location", "weights.bin"), ("length", "8"))));

        Assert.Contains("8 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_in_other_files_keep_the_limit_of_one_file()
    {
        File.WriteAllBytes(_folder["weights.bin"], new byte[4096]);
        var path = Written(t => t.Dims[0] = 1024, ("location", "weights.bin"));

        var refused = Assert.Throws<OnnxFileException>(() => OnnxFile.Read(path, bytesMax: 1000));

        Assert.Contains("over 1,000 bytes of weights", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Written(params (string Key, string Value)[] place) => Written(_ => { }, place);

    private string Written(Action<TensorProto> change, params (string Key, string Value)[] place)
    {
        var model = new GraphBuilder("tiny").Input("x", DataType.Float, 1, 1).Constant(new TensorProto { Name = "one", DataType = (int)DataType.Float, Dims = { 1 } })
            .Node("Add", ["x", "one"], "y").Output("y", DataType.Float, 1, 1).Model(13, "test", "");
        var tensor = model.Graph.Initializer[0];
        tensor.DataLocation = DataLocation.External;
        foreach (var (key, value) in place) tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        change(tensor);
        OnnxFile.Write(model, _folder["model.onnx"]);
        return _folder["model.onnx"];
    }
}
