using Google.Protobuf;
using static EdgeFleet.ModelPrep.Onnx.AttributeProto.Types;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Makes and reads node attributes.</summary>
public static class Attributes
{
    /// <summary>An integer attribute.</summary>
    public static AttributeProto Of(string name, long value) => new() { Name = name, I = value, Type = AttributeType.Int };

    /// <summary>A float attribute.</summary>
    public static AttributeProto Of(string name, float value) => new() { Name = name, F = value, Type = AttributeType.Float };

    /// <summary>A list of integers.</summary>
    public static AttributeProto Of(string name, params long[] values) => new() { Name = name, Ints = { values }, Type = AttributeType.Ints };

    /// <summary>A text attribute.</summary>
    public static AttributeProto Of(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeType.String };

    /// <summary>A graph, as the body of a Loop is.</summary>
    public static AttributeProto Of(string name, GraphProto body) => new() { Name = name, G = body, Type = AttributeType.Graph };

    /// <summary>The integer attribute of a node, or the operator's default.</summary>
    public static long IntOr(NodeProto node, string name, long otherwise) => Find(node, name) is { HasI: true } a ? a.I : otherwise;

    /// <summary>The float attribute of a node, or the operator's default.</summary>
    public static float FloatOr(NodeProto node, string name, float otherwise) => Find(node, name) is { HasF: true } a ? a.F : otherwise;

    /// <summary>The list of integers of a node; null where it has none.</summary>
    public static IReadOnlyList<long>? IntsOf(NodeProto node, string name) => Find(node, name)?.Ints;

    /// <summary>The text attribute of a node, or the operator's default.</summary>
    public static string TextOr(NodeProto node, string name, string otherwise) => Find(node, name) is { HasS: true } a ? a.S.ToStringUtf8() : otherwise;

    /// <summary>Takes an attribute away.</summary>
    public static void Remove(NodeProto node, string name)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (Find(node, name) is { } attribute) node.Attribute.Remove(attribute);
    }

    private static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
