using System.Runtime.InteropServices;
using System.Text;

namespace EdgeFleet.Testing.Packages;

/// <summary>Writes protobuf messages by field number; just what a small ONNX file needs.</summary>
internal sealed class OnnxBytes
{
    private readonly List<byte> _bytes = [];

    /// <summary>The message so far.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>An integer or enum.</summary>
    public OnnxBytes Number(int field, long value)
    {
        VarInt((ulong)field << 3);
        VarInt((ulong)value);
        return this;
    }

    /// <summary>A string.</summary>
    public OnnxBytes Text(int field, string value) => Raw(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one.</summary>
    public OnnxBytes Message(int field, OnnxBytes message) => Raw(field, message.ToArray());

    /// <summary>Bytes.</summary>
    public OnnxBytes Raw(int field, ReadOnlySpan<byte> value)
    {
        VarInt(((ulong)field << 3) | 2);
        VarInt((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    /// <summary>TensorProto of float32 values.</summary>
    public static OnnxBytes Floats(string name, long[] dims, params float[] values) => Tensor(name, 1, dims).Raw(9, MemoryMarshal.AsBytes<float>(values));

    /// <summary>TensorProto of int64 values.</summary>
    public static OnnxBytes Longs(string name, long[] dims, params long[] values) => Tensor(name, 7, dims).Raw(9, MemoryMarshal.AsBytes<long>(values));

    /// <summary>TensorProto of one truth value.</summary>
    public static OnnxBytes Truth(string name, bool value) => Tensor(name, 9, []).Raw(9, [value ? (byte)1 : (byte)0]);

    /// <summary>ValueInfoProto: a name with element type and shape; 0 stands for any size.</summary>
    public static OnnxBytes Value(string name, int elementType, params long[] dims)
    {
        var shape = new OnnxBytes();
        foreach (var dim in dims)
            shape.Message(1, dim > 0 ? new OnnxBytes().Number(1, dim) : new OnnxBytes().Text(2, "N"));
        var tensor = new OnnxBytes().Number(1, elementType).Message(2, shape);
        return new OnnxBytes().Text(1, name).Message(2, new OnnxBytes().Message(1, tensor));
    }

    /// <summary>NodeProto.</summary>
    public static OnnxBytes Node(string type, string[] inputs, string[] outputs, params OnnxBytes[] attributes)
    {
        var node = new OnnxBytes();
        foreach (var input in inputs)
            node.Text(1, input);
        foreach (var output in outputs)
            node.Text(2, output);
        node.Text(4, type);
        foreach (var attribute in attributes)
            node.Message(5, attribute);
        return node;
    }

    /// <summary>AttributeProto of whole numbers.</summary>
    public static OnnxBytes Ints(string name, params long[] values)
    {
        var attribute = new OnnxBytes().Text(1, name);
        foreach (var value in values)
            attribute.Number(8, value);
        return attribute.Number(20, 7);
    }

    /// <summary>AttributeProto of one whole number.</summary>
    public static OnnxBytes Int(string name, long value) => new OnnxBytes().Text(1, name).Number(3, value).Number(20, 2);

    /// <summary>AttributeProto of a graph.</summary>
    public static OnnxBytes Graph(string name, OnnxBytes graph) => new OnnxBytes().Text(1, name).Message(6, graph).Number(20, 5);

    private static OnnxBytes Tensor(string name, int type, long[] dims)
    {
        var tensor = new OnnxBytes();
        foreach (var dim in dims)
            tensor.Number(1, dim);
        return tensor.Number(2, type).Text(8, name);
    }

    private void VarInt(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        _bytes.Add((byte)value);
    }
}
