using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.SimulatedFleets;

/// <summary>
/// Boards that answer wishes as the agent's table does, with its times: they take a wish up, download, rehearse, activate, watch and commit, refuse or turn back. Each says so when it is
/// connected. The next step of each board waits in a queue of times.
/// </summary>
internal sealed class FleetBoards
{
    private const long MinuteMs = 60_000;
    private const long ProbationMs = 15 * MinuteMs;
    private const double LocalShare = 0.005;
    private const double FlakeShare = 0.001;

    private readonly Scenario _scenario;
    private readonly PackageShape _package;
    private readonly PriorityQueue<(int Board, string Step), long> _steps = new();
    private readonly long[] _awayFrom;
    private readonly long[] _awayTo;
    private readonly long[] _activated;
    private readonly int[] _attempts;
    private readonly BoardLine?[] _lines;
    private Draws _draws;

    public FleetBoards(Scenario scenario, FleetTimes times, PackageShape package)
    {
        (_scenario, Times, _package) = (scenario, times, package);
        _draws = new Draws(unchecked((ulong)scenario.Seed * 7_919 + 17));
        var count = scenario.Boards;
        (_awayFrom, _awayTo, _activated, _lines, _attempts) = (new long[count], new long[count], new long[count], new BoardLine?[count], new int[count]);
        (Ids, Slots) = (new DeviceId[count], new DeviceSlot[count]);
        for (var i = 0; i < count; i++)
        {
            Ids[i] = DeviceId.Parse($"board-{i:d5}");
            Slots[i] = new DeviceSlot { Device = Ids[i], Slot = package.Slot, State = "Committed", ActiveDigest = package.Old, Attempt = 1 };
            _activated[i] = long.MaxValue;
            (_awayFrom[i], _awayTo[i]) = Away(i);
        }
    }

    /// <summary>Times of all.</summary>
    public FleetTimes Times { get; }

    /// <summary>Ids, by number.</summary>
    public DeviceId[] Ids { get; }

    /// <summary>What each reported last.</summary>
    public DeviceSlot[] Slots { get; }

    /// <summary>The board that turns everything back; -1 for none.</summary>
    public int Flaky { get; set; } = -1;

    /// <summary>Boards on which the package ever served.</summary>
    public int Activated { get; private set; }

    /// <summary>True while it is connected.</summary>
    public bool IsOnline(int board, long at) => at < _awayFrom[board] || at >= _awayTo[board];

    /// <summary>The newest time of which a board's rows have come at a look.</summary>
    public long KnownTo(int board, long at) => (IsOnline(board, at) ? at : Math.Min(at, _awayFrom[board])) - LineOf(board).UploadLagMs;

    /// <summary>When the package began to serve on it.</summary>
    public long ActivatedAt(int board) => _activated[board];

    /// <summary>What it measures.</summary>
    public BoardLine LineOf(int board) => _lines[board] ??= new BoardLine(unchecked((ulong)_scenario.Seed * 1_000_003 + (ulong)board * 65_537 + 5), Times, _scenario.MeterShare);

    /// <summary>A wish stands in its document.</summary>
    public void Tell(int board, long at)
    {
        _attempts[board]++;
        if (!_scenario.IsSilent)
            Next(board, "Downloading", at + (long)(_draws.Between(0.05, 1) * MinuteMs));
    }

    /// <summary>Lets time pass; calls back for every board that reported something new.</summary>
    public void PassTo(long now, Action<int> reported)
    {
        while (_steps.TryPeek(out _, out var at) && at <= now)
        {
            var (board, step) = _steps.Dequeue();
            Take(board, step, at);
            reported(board);
        }
    }

    /// <summary>When the next board reports; null when none will.</summary>
    public long? NextStep => _steps.TryPeek(out _, out var at) ? at : null;

    private void Take(int board, string step, long at)
    {
        var slot = Slots[board];
        (slot.State, slot.Rollout, slot.Attempt, slot.CandidateDigest) = (step, _package.Rollout, _attempts[board], _package.New);
        switch (step)
        {
            case "Downloading":
                Next(board, _scenario.Model.FailsRehearsal ? "Rejected" : _draws.Chance(LocalShare) ? "Local" : "Probation", at + (long)(_draws.Between(2, 12) * MinuteMs));
                break;
            case "Rejected":
                (slot.Failure, slot.Reason) = (FailureKind.Deterministic, "The golden set is answered wrongly.");
                break;
            case "Local":
                (slot.State, slot.Failure, slot.Reason) = ("Rejected", FailureKind.Local, "The disk is full.");
                break;
            case "Probation":
                (slot.ActiveDigest, _activated[board]) = (_package.New, at);
                Activated++;
                Watch(board, at);
                break;
            case "RolledBack":
                (slot.ActiveDigest, slot.Failure, slot.Reason) = (_package.Old, FailureKind.Statistical, "The agent died three times in probation.");
                _activated[board] = long.MaxValue;
                break;
            case "Committed":
                slot.CandidateDigest = null;
                break;
        }
    }

    // Time counts only while samples come.
    private void Watch(int board, long at)
    {
        var turnsBack = board == Flaky || _draws.Chance(_scenario.Model.CrashShare) || _draws.Chance(FlakeShare);
        var lit = LineOf(board).IsDarkAtNight ? FleetTimes.LightFrom(at) : at;
        Next(board, turnsBack ? "RolledBack" : "Committed", lit + (turnsBack ? (long)(_draws.Share() * ProbationMs) : ProbationMs + MinuteMs));
    }

    private void Next(int board, string step, long at) =>
        _steps.Enqueue((board, step), IsOnline(board, at) ? at : _awayTo[board] == long.MaxValue ? long.MaxValue : _awayTo[board] + (long)(_draws.Share() * MinuteMs));

    private (long From, long To) Away(int board)
    {
        if (_draws.Chance(_scenario.AwayShare))
            return (0, _scenario.AwayForEver ? long.MaxValue : Times.Started + (long)(_draws.Exponential(8 * 60) * MinuteMs));
        if (!_draws.Chance(0.1))
            return (long.MaxValue, long.MaxValue);
        var from = Times.Started + (long)(_draws.Between(0, 24 * 60) * MinuteMs);
        return (from, from + (long)(_draws.Exponential(120) * MinuteMs));
    }
}

/// <summary>The package that goes out and the one before.</summary>
internal sealed record PackageShape(SlotName Slot, Sha256Digest Old, Sha256Digest New, long Rollout);
