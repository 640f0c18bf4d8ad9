using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// The pieces of a layer's input that its weights are laid over, in the order of the weights: for Gemm and MatMul the input itself, for a convolution of one or two
/// axes the window of each output place.
/// </summary>
internal sealed class LayerPatches
{
    private readonly bool _isConv;
    private readonly int[] _kernel = [1, 1];
    private readonly int[] _strides = [1, 1];
    private readonly int[] _dilations = [1, 1];
    private readonly int[] _pads = [0, 0, 0, 0];
    private readonly bool _isSame;
    private readonly bool _isSameLower;

    private LayerPatches(NodeProto node, TensorProto weights)
    {
        _isConv = node.OpType == "Conv";
        Output = node.Output[0];
        Input = node.Input[0];
        Groups = _isConv ? (int)Attributes.IntOr(node, "group", 1) : 1;
        Size = _isConv ? (int)weights.Dims.Skip(1).Aggregate(1L, (a, d) => a * d) : (int)weights.Dims[1 - QdqPlan.ChannelAxis(node)];
        if (!_isConv) return;

        var spatial = weights.Dims.Count - 2;
        Fill(_kernel, [.. weights.Dims.Skip(2)], spatial);
        Fill(_strides, Attributes.IntsOf(node, "strides"), spatial);
        Fill(_dilations, Attributes.IntsOf(node, "dilations"), spatial);
        if (Attributes.IntsOf(node, "pads") is { } pads)
        {
            Fill(_pads.AsSpan(0, 2), [.. pads.Take(spatial)], spatial);
            Fill(_pads.AsSpan(2, 2), [.. pads.Skip(spatial)], spatial);
        }

        var auto = Attributes.TextOr(node, "auto_pad", "NOTSET");
        (_isSame, _isSameLower) = (auto.StartsWith("SAME", StringComparison.Ordinal), auto == "SAME_LOWER");
    }

    /// <summary>The layer's output.</summary>
    public string Output { get; }

    /// <summary>The tensor that the pieces are of.</summary>
    public string Input { get; }

    /// <summary>Groups of a convolution.</summary>
    public int Groups { get; }

    /// <summary>Values of a piece.</summary>
    public int Size { get; }

    /// <summary>The pieces of a layer; null for a convolution of three axes or more.</summary>
    public static LayerPatches? Of(NodeProto node, TensorProto weights) => node.OpType == "Conv" && weights.Dims.Count is not (3 or 4) ? null : new LayerPatches(node, weights);

    /// <summary>Gives pieces of one sample, evenly spread.</summary>
    /// <param name="shape">Shape of the input.</param>
    /// <param name="values">Its values.</param>
    /// <param name="placesMax">Most places.</param>
    /// <param name="see">Called with the group and the piece.</param>
    public void Visit(long[] shape, ReadOnlySpan<float> values, int placesMax, PatchSeen see)
    {
        Span<float> patch = new float[Size];
        if (!_isConv)
        {
            var rows = values.Length / Size;
            for (var i = 0; i < Math.Min(rows, placesMax); i++) see(0, values.Slice((int)((long)i * rows / Math.Min(rows, placesMax)) * Size, Size));
            return;
        }

        var (height, width) = shape.Length == 4 ? ((int)shape[2], (int)shape[3]) : (1, (int)shape[2]);
        var (top, left, outHeight, outWidth) = Places(height, width);
        var places = outHeight * outWidth;
        for (var i = 0; i < Math.Min(places, placesMax); i++)
        {
            var at = (int)((long)i * places / Math.Min(places, placesMax));
            for (var group = 0; group < Groups; group++)
            {
                Cut(values, group, (at / outWidth * _strides[0]) - top, (at % outWidth * _strides[1]) - left, height, width, patch);
                see(group, patch);
            }
        }
    }

    private void Cut(ReadOnlySpan<float> values, int group, int row, int column, int height, int width, Span<float> patch)
    {
        var inside = _kernel[0] * _kernel[1];
        for (var i = 0; i < Size; i++)
        {
            var channel = (group * (Size / inside)) + (i / inside);
            int y = row + (i % inside / _kernel[1] * _dilations[0]), x = column + (i % _kernel[1] * _dilations[1]);
            patch[i] = y >= 0 && y < height && x >= 0 && x < width ? values[(((channel * height) + y) * width) + x] : 0;
        }
    }

    private (int Top, int Left, int Height, int Width) Places(int height, int width)
    {
        var (top, bottom) = Around(0, height);
        var (left, right) = Around(1, width);
        return (top, left, Count(0, height + top + bottom), Count(1, width + left + right));
    }

    private (int Before, int After) Around(int axis, int length)
    {
        if (!_isSame) return (_pads[axis], _pads[axis + 2]);
        var needed = Math.Max(0, ((((length + _strides[axis] - 1) / _strides[axis]) - 1) * _strides[axis]) + ((_kernel[axis] - 1) * _dilations[axis]) + 1 - length);
        return _isSameLower ? (needed - (needed / 2), needed / 2) : (needed / 2, needed - (needed / 2));
    }

    private int Count(int axis, int padded) => Math.Max(1, ((padded - ((_kernel[axis] - 1) * _dilations[axis]) - 1) / _strides[axis]) + 1);

    // One axis is taken as the second of two.
    private static void Fill(Span<int> target, IReadOnlyList<long>? values, int spatial)
    {
        if (values is null || values.Count < spatial) return;
        for (var i = 0; i < spatial; i++) target[2 - spatial + i] = (int)values[i];
    }
}

/// <summary>Sees one piece of one group.</summary>
internal delegate void PatchSeen(int group, ReadOnlySpan<float> patch);
