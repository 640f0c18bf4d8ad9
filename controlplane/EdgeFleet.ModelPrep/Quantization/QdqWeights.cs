using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Writes weights and biases: int8 and int32 behind a DQ for a CPU; for TensorRT float weights behind Q and DQ, and a float bias.</summary>
internal sealed class QdqWeights(List<NodeProto> nodes, List<TensorProto> constants, UniqueNames names, QdqChoices choices)
{
    /// <summary>Writes those of one node and lets its copy read them.</summary>
    /// <param name="node">The float node.</param>
    /// <param name="copy">The node that will run.</param>
    /// <param name="weights">Float weights.</param>
    /// <param name="bias">Float bias, where there is one.</param>
    /// <param name="inputScale">Scale of the node's input.</param>
    public void Write(NodeProto node, NodeProto copy, TensorProto weights, TensorProto? bias, float inputScale)
    {
        var axis = QdqPlan.ChannelAxis(node);
        bias = Shifted(node, bias);
        var quantized = QuantizedWeights.Of(weights, axis, bias, inputScale, choices.Factors.GetValueOrDefault(node.Output[0]));

        // Named by the node, not by the weight: two nodes may share a weight and differ in the scale of their input.
        var name = names.Take($"{node.Output[0]}_weight");
        long channels = quantized.Scales.Length;
        var isCpu = choices.Target == QuantizationTarget.Cpu;
        constants.Add(isCpu ? Tensors.SignedBytes(name, quantized.Values, [.. weights.Dims]) : Tensors.Floats(name, Tensors.ToFloats(weights), [.. weights.Dims]));
        // Gemm fuses only with a zero point and an integer bias, a convolution also without.
        var isShort = isCpu && choices.IsCompact && node.OpType == "Conv";
        var scale = names.Take($"{name}_scale");
        constants.Add(Tensors.Floats(scale, quantized.Scales, channels));
        string[] parameters = isShort ? [scale] : [scale, names.Take($"{name}_zero_point")];
        if (!isShort) constants.Add(Tensors.SignedBytes(parameters[1], new sbyte[channels], channels));
        var integers = isCpu ? name : Pass("QuantizeLinear", [name, .. parameters], $"{name}_quantized", axis);
        copy.Input[1] = Pass("DequantizeLinear", [integers, .. parameters], $"{name}_dequantized", axis);
        if (bias is null) return;

        var biasName = names.Take($"{node.Output[0]}_bias");
        while (copy.Input.Count < 3) copy.Input.Add("");
        if (!isCpu || isShort)
        {
            constants.Add(Tensors.Floats(biasName, Tensors.ToFloats(bias), channels));
            copy.Input[2] = biasName;
            return;
        }

        string biasScale = names.Take($"{biasName}_scale"), biasZeroPoint = names.Take($"{biasName}_zero_point");
        constants.Add(Tensors.Ints(biasName, quantized.Bias!, channels));
        constants.Add(Tensors.Floats(biasScale, [.. quantized.Scales.Select(s => inputScale * s)], channels));
        constants.Add(Tensors.Ints(biasZeroPoint, new int[channels], channels));
        copy.Input[2] = Pass("DequantizeLinear", [biasName, biasScale, biasZeroPoint], $"{biasName}_dequantized", axis: 0);
    }

    private TensorProto? Shifted(NodeProto node, TensorProto? bias)
    {
        if (!choices.BiasShifts.TryGetValue(node.Output[0], out var shift)) return bias;
        var values = bias is null ? new float[shift.Length] : Tensors.ToFloats(bias);
        return Tensors.Floats($"{node.Output[0]}_shifted", [.. values.Zip(shift, (b, s) => b + s)], shift.Length);
    }

    private string Pass(string operation, string[] inputs, string output, int axis)
    {
        var name = names.Take(output);
        nodes.Add(GraphBuilder.NewNode(operation, inputs, name, Attributes.Of("axis", (long)axis)));
        return name;
    }
}
