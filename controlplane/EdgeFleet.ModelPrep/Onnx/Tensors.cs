using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Google.Protobuf;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Makes and reads initializers. Data is always written raw and little endian, so equal tensors are equal bytes.</summary>
public static class Tensors
{
    /// <summary>A float tensor; no dimensions make a scalar.</summary>
    public static TensorProto Floats(string name, ReadOnlySpan<float> data, params long[] dims)
    {
        var bytes = new byte[data.Length * sizeof(float)];
        for (var i = 0; i < data.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), data[i]);
        return Raw(name, DataType.Float, bytes, data.Length, dims);
    }

    /// <summary>A 64-bit integer tensor, as shapes and loop counts need.</summary>
    public static TensorProto Longs(string name, ReadOnlySpan<long> data, params long[] dims)
    {
        var bytes = new byte[data.Length * sizeof(long)];
        for (var i = 0; i < data.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), data[i]);
        return Raw(name, DataType.Int64, bytes, data.Length, dims);
    }

    /// <summary>A 32-bit integer tensor, as quantized biases need.</summary>
    public static TensorProto Ints(string name, ReadOnlySpan<int> data, params long[] dims)
    {
        var bytes = new byte[data.Length * sizeof(int)];
        for (var i = 0; i < data.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * sizeof(int)), data[i]);
        return Raw(name, DataType.Int32, bytes, data.Length, dims);
    }

    /// <summary>An int8 tensor.</summary>
    public static TensorProto SignedBytes(string name, ReadOnlySpan<sbyte> data, params long[] dims) =>
        Raw(name, DataType.Int8, MemoryMarshal.AsBytes(data).ToArray(), data.Length, dims);

    /// <summary>A uint8 tensor.</summary>
    public static TensorProto UnsignedBytes(string name, ReadOnlySpan<byte> data, params long[] dims) =>
        Raw(name, DataType.Uint8, data.ToArray(), data.Length, dims);

    /// <summary>A boolean scalar.</summary>
    public static TensorProto Bool(string name, bool value) => Raw(name, DataType.Bool, [value ? (byte)1 : (byte)0], 1, []);

    /// <summary>The values of a float tensor, wherever the file keeps them.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type or its data does not fill its dimensions.</exception>
    public static float[] ToFloats(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.DataType != (int)DataType.Float)
            throw new InvalidOperationException($"Tensor '{tensor.Name}' holds {(DataType)tensor.DataType}, float is needed.");

        var count = Count(tensor);
        float[] values;
        if (tensor.HasRawData)
        {
            var raw = tensor.RawData.Span;
            values = new float[raw.Length / sizeof(float)];
            for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(raw[(i * sizeof(float))..]);
        }
        else
        {
            values = [.. tensor.FloatData];
        }

        return values.Length == count
            ? values
            : throw new InvalidOperationException($"Tensor '{tensor.Name}' has {values.Length} values where its dimensions ask for {count}.");
    }

    /// <summary>The integers of a tensor of 32 or 64 bits, as shapes, axes and quantized biases are.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another type.</exception>
    public static long[] ToLongs(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var isLong = tensor.DataType == (int)DataType.Int64;
        if (!isLong && tensor.DataType != (int)DataType.Int32)
            throw new InvalidOperationException($"Tensor '{tensor.Name}' holds {(DataType)tensor.DataType}, integers are needed.");
        if (!tensor.HasRawData) return isLong ? [.. tensor.Int64Data] : [.. tensor.Int32Data];

        var raw = tensor.RawData.Span;
        var size = isLong ? sizeof(long) : sizeof(int);
        var values = new long[raw.Length / size];
        for (var i = 0; i < values.Length; i++)
            values[i] = isLong ? BinaryPrimitives.ReadInt64LittleEndian(raw[(i * size)..]) : BinaryPrimitives.ReadInt32LittleEndian(raw[(i * size)..]);
        return values;
    }

    /// <summary>Bytes of one value; null for types without a fixed size, or of less than a byte.</summary>
    public static int? BytesOf(DataType type) => type switch
    {
        DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 8,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
        DataType.Uint8 or DataType.Int8 or DataType.Bool => 1,
        DataType.Complex128 => 16,
        _ => null,
    };

    /// <summary>The number of elements that the dimensions ask for.</summary>
    public static long Count(TensorProto tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.Dims.Aggregate(1L, (product, dim) => checked(product * dim));
    }

    private static TensorProto Raw(string name, DataType type, byte[] bytes, int count, long[] dims)
    {
        if (dims.Aggregate(1L, (a, b) => a * b) != count)
            throw new ArgumentException($"Tensor '{name}' of {count} values cannot have the shape [{string.Join(',', dims)}].", nameof(dims));
        return new TensorProto { Name = name, DataType = (int)type, Dims = { dims }, RawData = UnsafeByteOperations.UnsafeWrap(bytes) };
    }
}
