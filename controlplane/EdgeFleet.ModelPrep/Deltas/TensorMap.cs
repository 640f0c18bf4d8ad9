namespace EdgeFleet.ModelPrep.Deltas;

/// <summary>Where the data of a tensor stands in a file.</summary>
/// <param name="Name">Name of the tensor; empty where it has none.</param>
/// <param name="Type">Element type, by ONNX's numbers.</param>
/// <param name="At">First byte.</param>
/// <param name="Bytes">Bytes of data.</param>
internal readonly record struct TensorPlace(string Name, int Type, int At, int Bytes)
{
    /// <summary>Where it ends.</summary>
    public int End => At + Bytes;
}

/// <summary>
/// Finds the data of tensors in the bytes of an ONNX file without reading the model: what is no ONNX file has none. Field numbers are those of onnx.proto.
/// </summary>
internal static class TensorMap
{
    /// <summary>Smaller ones are left to the bytes around them.</summary>
    public const int BytesMin = 64;

    private const int DepthMax = 64;
    private const int FloatType = 1;

    private enum Message
    {
        Model,
        Graph,
        Node,
        Attribute,
        Tensor,
    }

    /// <summary>The tensors of a file, in its order.</summary>
    public static IReadOnlyList<TensorPlace> Of(ReadOnlySpan<byte> file)
    {
        var found = new List<TensorPlace>();
        return Walk(file, 0, Message.Model, found, 0) ? found : [];
    }

    // False for what is no message of this kind.
    private static bool Walk(ReadOnlySpan<byte> bytes, int begin, Message kind, List<TensorPlace> found, int depth)
    {
        if (depth > DepthMax)
            return false;

        var (name, type, at, length) = ("", 0, 0, 0);
        for (var i = 0; i < bytes.Length;)
        {
            if (!Number(bytes, ref i, out var tag) || !Number(bytes, ref i, tag, out var value))
                return false;
            if ((tag & 7) != 2)
            {
                type = kind == Message.Tensor && tag >> 3 == 2 ? (int)Math.Min(value, int.MaxValue) : type;
                continue;
            }

            var (from, field) = (i, tag >> 3);
            i += (int)value;
            var inner = bytes[from..i];
            if (kind == Message.Tensor && field == 8)
                name = System.Text.Encoding.UTF8.GetString(inner);
            else if (kind == Message.Tensor && field is 9 or 4)
                (at, length, type) = (begin + from, inner.Length, kind == Message.Tensor && field == 4 ? FloatType : type);
            else if (Inner(kind, field) is { } next && !Walk(inner, begin + from, next, found, depth + 1))
                return false;
        }

        if (kind == Message.Tensor && length >= BytesMin)
            found.Add(new TensorPlace(name, type, at, length));
        return true;
    }

    private static Message? Inner(Message kind, ulong field) => (kind, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5) => Message.Tensor,
        (Message.Attribute, 6) => Message.Graph,
        _ => null,
    };

    // The value of a number field, or the length of one with bytes, which all lie within the message.
    private static bool Number(ReadOnlySpan<byte> bytes, ref int i, ulong tag, out ulong value)
    {
        value = 0;
        switch (tag & 7)
        {
            case 0:
                return Number(bytes, ref i, out value);
            case 1:
                return (i += 8) <= bytes.Length;
            case 5:
                return (i += 4) <= bytes.Length;
            case 2:
                return Number(bytes, ref i, out value) && value <= (ulong)(bytes.Length - i);
            default:
                return false;
        }
    }

    private static bool Number(ReadOnlySpan<byte> bytes, ref int i, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70 && i < bytes.Length; shift += 7)
        {
            var next = bytes[i++];
            value |= shift < 64 ? (ulong)(next & 0x7F) << shift : 0;
            if (next < 0x80)
                return true;
        }

        return false;
    }
}
