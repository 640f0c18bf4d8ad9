namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>How the way back stands. A device that had the package is in exactly one of the counts.</summary>
internal sealed record ReturnFacts
{
    /// <summary>Why the rollout was halted.</summary>
    public required string HaltedWhy { get; init; }

    /// <summary>Devices that have reported the earlier package.</summary>
    public int Back { get; init; }

    /// <summary>Devices that have not yet.</summary>
    public int Asked { get; init; }

    /// <summary>Of <see cref="Asked"/>, those that are not connected.</summary>
    public int Offline { get; init; }

    /// <summary>Devices that ran nothing before.</summary>
    public int Keeps { get; init; }

    /// <summary>Devices whose slot a newer rollout holds.</summary>
    public int TakenOver { get; init; }

    /// <summary>Devices that had the package when it was halted.</summary>
    public int HadToGo => Back + Asked + Keeps + TakenOver;
}

/// <summary>Judges the way back. Nothing turns it round: it only waits, for as long as a device is away.</summary>
internal static class ReturnDecider
{
    /// <summary>Decides.</summary>
    public static RolloutDecision Decide(ReturnFacts facts) => facts.Asked > 0
        ? new RolloutDecision.GoBack(RolloutSentences.GoBack(facts))
        : new RolloutDecision.Returned(RolloutSentences.Returned(facts));
}
