namespace EdgeFleet.Samples.Spoiling;

/// <summary>A model that cannot be spoilt as asked; the message says why.</summary>
internal sealed class SpoilException(string message) : Exception(message);
