namespace EdgeFleet.Shared.Messages;

/// <summary>A message that cannot be taken: too large, not JSON, another major version, a bomb. The text names what and why.</summary>
public sealed class WireException(string message, Exception? inner = null) : Exception(message, inner);
