using EdgeFleet.Shared.Messages;
using static EdgeFleet.Agent.Updates.UpdatePhase;

namespace EdgeFleet.Agent.Updates;

/// <summary>Every way an update can go, in the order it lives. Pure: no clock, no disk. A pair that is not in the table is a bug and throws.</summary>
/// <param name="downloadAttemptsMax">Tries of a download that bring nothing before it is given up.</param>
/// <param name="crashesMax">Deaths of the agent with the candidate that turn it back.</param>
internal sealed class UpdateMachine(int downloadAttemptsMax, int crashesMax)
{
    /// <summary>The state after something happened.</summary>
    /// <exception cref="InvalidOperationException">The state does not accept this event.</exception>
    public UpdateState Next(UpdateState state, UpdateEvent happened) => (state, happened) switch
    {
        // A wish is heard at rest, and cancels what has not touched the slot yet.
        ({ Phase: Resting or Early }, Offered o)                               => new Downloading(o.Wish, Attempt: 1),
        ({ Phase: Resting or Early }, Returned r)                              => new Activating(r.Wish, Crashes: 0, Shadow: null),
        ({ Phase: Resting or Early }, Confirmed c)                             => new Committed(c.Wish, Shadow: null),
        ({ Phase: Resting or Early }, Refused r)                               => new Rejected(r.Wish, r.Reason, r.Failure),

        // What was committed is gone from disk: at rest the wish is followed anew, which fetches it again.
        ({ Phase: Resting }, ActiveLost)                                       => new Idle(),
        (not (Probation or RollingBack), ActiveLost)                           => state,

        (Downloading s, StepDone)                                              => new Verifying(s.Target),
        (Downloading s, StepFailed f) when f.Final                             => new Rejected(s.Target, f.Reason, f.Failure),
        (Downloading s, StepFailed f) when f.Progressed                        => s with { Attempt = 1 },
        (Downloading s, StepFailed) when s.Attempt < downloadAttemptsMax       => s with { Attempt = s.Attempt + 1 },
        (Downloading s, StepFailed f)                                          => new Rejected(s.Target, $"{f.Reason} Given up after {s.Attempt} tries.", f.Failure),

        (Verifying s, StepDone)                                                => new Rehearsing(s.Target),
        (Rehearsing s, StepDone)                                               => new Shadowing(s.Target),
        (Shadowing s, Shadowed r)                                              => new Activating(s.Target, Crashes: 0, r.Result),
        (Activating s, Activated a)                                            => new Probation(s.Target, s.Crashes, a.Watch, s.Shadow),
        (Verifying or Rehearsing or Shadowing or Activating, StepFailed f)     => new Rejected(TargetOf(state), f.Reason, f.Failure),
        ({ Phase: Early }, Looped l)                                           => new Rejected(TargetOf(state), LoopReason(state, l), FailureKind.Local),

        // From here the candidate may serve.
        (Activating s, Crashed) when s.Crashes + 1 < crashesMax                => s with { Crashes = s.Crashes + 1 },
        (Activating s, Crashed)                                                => new Rejected(s.Target, CrashReason(s.Crashes + 1), FailureKind.Statistical),
        (Activating s, Looped l)                                               => new Rejected(s.Target, LoopReason(s, l), FailureKind.Statistical),
        (Activating s, Recalled r)                                             => new RollingBack(s.Target, RecallReason(r), r.Wish),
        (Probation s, Watched w)                                               => s with { Watch = w.Watch },
        (Probation s, StepDone)                                                => new Committed(s.Target, s.Shadow),
        (Probation s, StepFailed f)                                            => new RollingBack(s.Target, f.Reason, Recall: null),
        (Probation s, Crashed) when s.Crashes + 1 < crashesMax                 => s with { Crashes = s.Crashes + 1 },
        (Probation s, Crashed)                                                 => new RollingBack(s.Target, CrashReason(s.Crashes + 1), Recall: null),
        (Probation s, Looped l)                                                => new RollingBack(s.Target, LoopReason(s, l), Recall: null),
        (Probation s, Recalled r)                                              => new RollingBack(s.Target, RecallReason(r), r.Wish),

        (RollingBack s, StepDone) when s.Recall is null                        => new RolledBack(s.Target, s.Reason),
        (RollingBack s, StepDone)                                              => new Committed(s.Recall!, Shadow: null),
        (RollingBack s, StepFailed f) when f.Final                             => new Inconsistent(s.Target, $"{s.Reason} Then the return failed: {f.Reason}", s.Recall),
        (RollingBack, StepFailed)                                              => state, // The one step that never gives up.
        (RollingBack s, Looped l)                                              => new Inconsistent(s.Target, $"{s.Reason} {LoopReason(s, l)}", s.Recall),
        (Inconsistent s, Retried)                                              => new RollingBack(s.Target, s.Reason, s.Recall),

        _ => throw new InvalidOperationException($"{state.Name} does not accept {happened.GetType().Name}."),
    };

    private static Wish TargetOf(UpdateState state) => ((WishState)state).Target;

    private static string CrashReason(int crashes) => $"The agent died {crashes} times while this model was loaded or serving; the board itself kept running.";

    private static string RecallReason(Recalled recalled) => $"{recalled.Wish.Package.Label} was wished back.";

    private static string LoopReason(UpdateState state, Looped looped) =>
        $"The agent was started {looped.Starts} times in {state.Name} without getting further; see its log on the board.";
}
