namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>An ONNX file that cannot be used; the message names the file and what to do.</summary>
public sealed class OnnxFileException(string message, Exception? cause = null) : Exception(message, cause);
