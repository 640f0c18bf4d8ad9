using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>One row for each pair of state and event: where it goes, or that it is refused.</summary>
public class UpdateMachineTests
{
    private static readonly UpdateMachine Machine = new(downloadAttemptsMax: 3, crashesMax: 3);
    private static readonly Wish A = Some.Wish("a");
    private static readonly Wish B = Some.Wish("b");
    private static readonly ProbationWatch Watch = new() { Answered = 7 };

    private static readonly UpdateState[] States =
    [
        new Idle(), new Downloading(A, 1), new Verifying(A), new Rehearsing(A), new Shadowing(A), new Activating(A, 0, "skipped"),
        new Probation(A, 0, new ProbationWatch(), "skipped"), new Committed(A, "skipped"), new Rejected(A, "bad", FailureKind.Deterministic),
        new RollingBack(A, "slow", null), new RolledBack(A, "slow"), new Inconsistent(A, "worse", null),
    ];

    private static readonly UpdateEvent[] Events =
    [
        new Offered(B), new Returned(B), new Confirmed(B), new Refused(B, "bad", FailureKind.Deterministic), new Recalled(B), new Retried(), new StepDone(),
        new StepFailed("why", FailureKind.Local), new StepFailed("why", FailureKind.Deterministic, Final: true), new StepFailed("why", FailureKind.Local, Progressed: true),
        new Shadowed("skipped"), new Activated(Watch), new Watched(Watch), new Crashed(), new Looped(11), new ActiveLost(true),
    ];

    // The next state's name by state (row) and event (column, in the order of Events); "-" is refused.
    private static readonly string[] Table =
    [
        //                Offered     Returned   Confirmed Refused  Recalled    Retried     Done       Failed      Final        Progressed  Shadowed   Activated Watched   Crashed    Looped       ActiveLost
        "Idle         | Downloading Activating Committed Rejected -           -           -          -           -            -           -          -         -         -          -            Idle",
        "Downloading  | Downloading Activating Committed Rejected -           -           Verifying  Downloading Rejected     Downloading -          -         -         -          Rejected     Downloading",
        "Verifying    | Downloading Activating Committed Rejected -           -           Rehearsing Rejected    Rejected     Rejected    -          -         -         -          Rejected     Verifying",
        "Rehearsing   | Downloading Activating Committed Rejected -           -           Shadowing  Rejected    Rejected     Rejected    -          -         -         -          Rejected     Rehearsing",
        "Shadowing    | Downloading Activating Committed Rejected -           -           -          Rejected    Rejected     Rejected    Activating -         -         -          Rejected     Shadowing",
        "Activating   | -           -          -         -        RollingBack -           -          Rejected    Rejected     Rejected    -          Probation -         Activating Rejected     Activating",
        "Probation    | -           -          -         -        RollingBack -           Committed  RollingBack RollingBack  RollingBack -          -         Probation Probation  RollingBack  -",
        "Committed    | Downloading Activating Committed Rejected -           -           -          -           -            -           -          -         -         -          -            Idle",
        "Rejected     | Downloading Activating Committed Rejected -           -           -          -           -            -           -          -         -         -          -            Idle",
        "RollingBack  | -           -          -         -        -           -           RolledBack RollingBack Inconsistent RollingBack -          -         -         -          Inconsistent -",
        "RolledBack   | Downloading Activating Committed Rejected -           -           -          -           -            -           -          -         -         -          -            Idle",
        "Inconsistent | Downloading Activating Committed Rejected -           RollingBack -          -           -            -           -          -         -         -          -            Idle",
    ];

    public static TheoryData<int, int, string> EveryPair()
    {
        var rows = new TheoryData<int, int, string>();
        for (var s = 0; s < States.Length; s++)
        {
            var cells = Table[s].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(States[s].Name, cells[0]);
            Assert.Equal(Events.Length, cells.Length - 2);
            for (var e = 0; e < Events.Length; e++)
                rows.Add(s, e, cells[e + 2]);
        }

        return rows;
    }

    [Theory, MemberData(nameof(EveryPair))]
    public void Every_pair_goes_where_the_table_says_or_throws(int state, int happened, string expected)
    {
        if (expected == "-")
            Assert.Throws<InvalidOperationException>(() => Machine.Next(States[state], Events[happened]));
        else
            Assert.Equal(expected, Machine.Next(States[state], Events[happened]).Name);
    }

    [Fact]
    public void Downloading_gives_up_after_the_last_attempt()
    {
        UpdateState state = new Downloading(A, 1);
        for (var i = 0; i < 2; i++)
            state = Machine.Next(state, new StepFailed("cut.", FailureKind.Local));
        Assert.Equal(new Downloading(A, 3), state);
        Assert.Equal(new Rejected(A, "cut. Given up after 3 tries.", FailureKind.Local), Machine.Next(state, new StepFailed("cut.", FailureKind.Local)));
    }

    [Fact]
    public void A_download_that_brings_bytes_begins_to_count_anew() =>
        Assert.Equal(new Downloading(A, 1), Machine.Next(new Downloading(A, 3), new StepFailed("cut.", FailureKind.Local, Progressed: true)));

    [Fact]
    public void The_third_death_of_the_agent_turns_the_model_back()
    {
        UpdateState state = new Probation(A, 0, Watch, null);
        state = Machine.Next(Machine.Next(state, new Crashed()), new Crashed());
        Assert.Equal(2, Assert.IsType<Probation>(state).Crashes);
        Assert.Contains("3 times", Assert.IsType<RollingBack>(Machine.Next(state, new Crashed())).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Deaths_while_loading_count_on_in_probation() =>
        Assert.Equal(2, Assert.IsType<Probation>(Machine.Next(new Activating(A, 2, null), new Activated(Watch))).Crashes);

    [Fact]
    public void A_recall_ends_committed_to_the_model_that_was_wished_back()
    {
        var back = Machine.Next(new Probation(A, 0, Watch, null), new Recalled(B));
        Assert.Equal(new Committed(B, null), Machine.Next(back, new StepDone()));
    }

    [Fact]
    public void A_return_that_keeps_failing_stays_where_it_is()
    {
        var state = new RollingBack(A, "slow", null);
        Assert.Same(state, Machine.Next(state, new StepFailed("locked", FailureKind.Local)));
    }
}
