namespace EdgeFleet.Agent.Updates;

/// <summary>How a stay in a model is to be taken.</summary>
internal enum HangVerdict
{
    /// <summary>Within what a run may take.</summary>
    Fine,

    /// <summary>The run was told to end and has not: say so.</summary>
    Hangs,

    /// <summary>It will not come back: the process must be started anew.</summary>
    Lost,
}

/// <summary>Judges how long a slot's thread has been in a model. Pure.</summary>
/// <param name="RunTimeout">Time after which a run is told to end.</param>
/// <param name="Grace">Time after that until the process is given up.</param>
internal sealed record HangPolicy(TimeSpan RunTimeout, TimeSpan Grace)
{
    // Between two operators ONNX Runtime looks whether it shall end; one operator of a sound model does not take this long.
    private static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(5);

    /// <summary>The verdict.</summary>
    public HangVerdict Judge(TimeSpan inside)
    {
        if (inside >= RunTimeout + Grace)
            return HangVerdict.Lost;
        return inside >= RunTimeout + (Grace < TimeToEnd ? Grace / 2 : TimeToEnd) ? HangVerdict.Hangs : HangVerdict.Fine;
    }
}
