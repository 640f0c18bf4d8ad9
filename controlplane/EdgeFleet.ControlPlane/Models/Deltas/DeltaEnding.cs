namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>How asking for a delta ended.</summary>
internal abstract record DeltaEnding
{
    /// <summary>It lies there.</summary>
    public sealed record Ready(string Path) : DeltaEnding;

    /// <summary>There is none, and asking again does not help.</summary>
    public sealed record None(string Reason) : DeltaEnding;

    /// <summary>It is being made, or waits for its turn.</summary>
    public sealed record Later : DeltaEnding;
}
