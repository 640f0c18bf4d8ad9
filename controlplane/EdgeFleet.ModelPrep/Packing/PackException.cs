namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Input that no package can be made of; the message says what was tried, on what, and what to do.</summary>
public sealed class PackException(string message, Exception? cause = null) : Exception(message, cause);
