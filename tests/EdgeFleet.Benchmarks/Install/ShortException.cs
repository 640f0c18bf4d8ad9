namespace EdgeFleet.Benchmarks.Install;

/// <summary>A step that did not hold; the text says what was seen in place of what.</summary>
internal sealed class ShortException(string message) : Exception(message);
