namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>Pauses between the ends of a program or a connection and its next begin: doubling from a second to a minute, and from the begin again after a good while.</summary>
internal sealed class RestartPolicy
{
    /// <summary>Longest pause.</summary>
    public static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(60);

    /// <summary>Having given something and lasted this long, the next pause is a first one again.</summary>
    public static readonly TimeSpan Good = TimeSpan.FromSeconds(30);

    private TimeSpan _next = TimeSpan.FromSeconds(1);

    /// <summary>Pause before the next begin.</summary>
    /// <param name="lasted">How long it lasted.</param>
    /// <param name="gaveSomething">It gave a whole frame or a usable reading.</param>
    public TimeSpan Next(TimeSpan lasted, bool gaveSomething)
    {
        if (gaveSomething && lasted >= Good)
            _next = TimeSpan.FromSeconds(1);
        var pause = _next;
        _next = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        return pause;
    }
}
