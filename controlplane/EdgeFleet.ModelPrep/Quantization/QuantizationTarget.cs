namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>What an int8 file is made for: the two want different integers in the same places.</summary>
public enum QuantizationTarget
{
    /// <summary>ONNX Runtime on CPUs: uint8 activations with a zero point, int8 weights per channel, int32 biases; Relu and Clip disappear into ranges.</summary>
    Cpu,

    /// <summary>TensorRT: int8 about zero, float biases, quantized and dequantized float weights, Relu and Clip kept.</summary>
    TensorRt,
}
