namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>A model that cannot be quantized as asked; the message says why and what to do.</summary>
public sealed class QuantizationException(string message, Exception? cause = null) : Exception(message, cause);
