namespace EdgeFleet.Shared.Deltas;

/// <summary>What is wrong with a delta.</summary>
public enum DeltaFault
{
    /// <summary>The bytes are none, or of a form that this code does not know.</summary>
    NotADelta,

    /// <summary>It contradicts itself, points out of the file before, or does not unpack to what it says.</summary>
    Malformed,

    /// <summary>What it would build, or what it needs to unpack, is over a limit.</summary>
    TooLarge,

    /// <summary>The file before is not the one that it was made for.</summary>
    WrongBase,

    /// <summary>What was built is not what was promised.</summary>
    WrongResult,
}

/// <summary>A delta that cannot be applied; nothing of it may be used.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">The same for people.</param>
/// <param name="cause">Where it came from.</param>
public sealed class DeltaException(DeltaFault fault, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What is wrong.</summary>
    public DeltaFault Fault => fault;
}
