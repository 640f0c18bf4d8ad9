using System.Text.RegularExpressions;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Says what to do about a model that ONNX Runtime refuses for its operators or missing weights, whose own words would not.</summary>
internal static partial class RefusalWords
{
    private static readonly HashSet<string> Domains = ["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];

    /// <summary>Names the operators that are of no standard, for example <c>FancyPool of my.company</c>, and says what to do; null when there are none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">What it is called in the sentence.</param>
    public static string? Strange(ModelProto model, string name) =>
        StrangeOf(model) is { Count: > 0 } strange
            ? $"{name} uses operators that ONNX Runtime does not have: {string.Join(", ", strange)}. Export the model with standard operators instead."
            : null;

    /// <summary>The refusal in words that name the operators and say what to do; null when it is about something else.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">Its file.</param>
    /// <param name="refusal">What ONNX Runtime said.</param>
    public static string? Of(ModelProto model, string name, string refusal)
    {
        if (Strange(model, name) is { } strange) return strange;
        var opset = model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version;
        if (Unknown().Match(refusal) is { Success: true } unknown)
            return $"{name} uses the operator {unknown.Groups["op"].Value}, which ONNX Runtime does not have in opset {opset}. Export the model with another opset (13 to 21), or with standard operators. ({refusal})";
        if (Missing(model, name) is { } missing) return missing;
        return refusal.Contains("official released onnx opset", StringComparison.Ordinal)
            ? $"{name} is of opset {opset}, which this ONNX Runtime does not know yet. Export it with an older one (13 to 21). ({refusal})"
            : null;
    }

    /// <summary>Says which weights are not there, or that nodes stand in a circle; null when neither is so.</summary>
    public static string? Missing(ModelProto model, string name)
    {
        try
        {
            GraphOrder.Sort(model.Graph.Clone(), name);
            return null;
        }
        catch (OnnxFileException fault)
        {
            return fault.Message;
        }
    }

    private static List<string> StrangeOf(ModelProto model) =>
        [.. GraphWalk.Graphs(model.Graph).SelectMany(g => g.Node).Where(n => !Domains.Contains(n.Domain)).Select(n => $"{n.OpType} of {n.Domain}").Distinct()];

    [GeneratedRegex(@"(No [Oo]p registered for |Could not find an implementation for )(?<op>[A-Za-z0-9_]+)|(?<op>[A-Za-z0-9_]+)\(-?\d+\)[^.]*is not a registered")]
    private static partial Regex Unknown();
}
