using System.Globalization;
using System.Text;
using System.Text.Json;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.SimulatedFleets;

/// <summary>
/// One rollout of the default plan over simulated boards, with a clock of its own: the real planner, judge of devices, decider and comparison of evidence; nothing but the boards and what
/// they measure is simulated. What the runner does with an answer (start a wave, tell) is done here in memory.
/// </summary>
internal sealed class FleetTrial
{
    private const long MinuteMs = 60_000;
    private const long TickMs = 5 * MinuteMs;
    private const long LimitMs = 6L * 24 * 60 * MinuteMs;
    private static readonly SlotName Leaf = SlotName.Parse("leaf");
    private static readonly Sha256Digest Old = Sha256Digest.Of("old"u8);

    // Wide, so that budgets do not do what the comparison is to show.
    private static readonly Budgets Budgets = new() { P95LatencyMs = 1000, MemoryMb = 512 };

    private static readonly RolloutOptions Retries = new();

    private readonly Scenario _scenario;
    private readonly FleetBoards _boards;
    private readonly Rollout _rollout;
    private readonly RolloutPlan _plan;
    private readonly DeviceNow[] _devices;
    private readonly Dictionary<DeviceId, int> _numbers = [];
    private readonly int[] _rowOf;
    private long _now;

    private FleetTrial(Scenario scenario)
    {
        _scenario = scenario;
        var draws = new Draws((ulong)scenario.Seed);
        _now = new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() + (long)(draws.Share() * 24 * 60) * MinuteMs;
        var digest = Sha256Digest.Of(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"new {scenario.Seed}")));
        _boards = new FleetBoards(scenario, new FleetTimes(_now, scenario.InputsDrift), new PackageShape(Leaf, Old, digest, 1));
        _plan = Plan(digest);
        _rollout = new Rollout
        {
            Id = 1, Model = "leaf", Version = "2.0.0", Digest = digest, ManifestSize = 1000, Slot = Leaf, Selector = "all", Plan = "", StartedBy = "trial", Started = _now,
            State = RolloutState.Running,
        };
        for (var i = 0; i < scenario.Boards; i++)
            _numbers[_boards.Ids[i]] = i;
        _devices = [.. _plan.Waves.SelectMany((wave, w) => wave.Select(id => Row(DeviceId.Parse(id), w + 1)))];
        _rowOf = new int[scenario.Boards];
        for (var d = 0; d < _devices.Length; d++)
            _rowOf[_numbers[_devices[d].Row.Device]] = d;
        if (scenario.HasFlakyBoard)
            _boards.Flaky = _numbers[_devices[1 + (int)(draws.Share() * (_devices.Length - 1))].Row.Device];
    }

    /// <summary>Runs it to its end, or for six days.</summary>
    public static TrialResult Run(Scenario scenario) => new FleetTrial(scenario).Run();

    private TrialResult Run()
    {
        var started = _now;
        StartWave(1);
        while (_now < started + LimitMs)
        {
            var decision = Look();
            if (decision is RolloutDecision.Done or RolloutDecision.Halt)
                return new TrialResult(decision.Verb, _boards.Activated, _rollout.Wave, (_now - started) / 3_600_000.0, decision.Verdict.Why);
            if (decision is RolloutDecision.Advance)
                StartWave(_rollout.Wave + 1);
            else
                Pass();
        }

        return new TrialResult("open", _boards.Activated, _rollout.Wave, (_now - started) / 3_600_000.0, _rollout.Why);
    }

    private RolloutDecision Look()
    {
        foreach (var (row, _, _, _) in _devices)
        {
            if (!LocalRetries.IsDue(row, Retries, _now))
                continue;
            LocalRetries.Renew(row, _now);
            row.Told = _now;
            _boards.Tell(_numbers[row.Device], _now);
        }

        var now = new RolloutNow(_rollout, _plan, _devices, _now);
        var facts = now.Facts();
        if (EvidenceSchedule.Due(facts, _plan.Gate) is { } number)
        {
            var look = EvidenceLook.Of(facts, _plan.Gate, number, Devices(now), Budgets);
            _rollout.LastLook = JsonSerializer.Serialize(look, RolloutJson.Default.LookFacts);
            facts = now.Facts();
        }

        var decision = RolloutDecider.Decide(facts, _plan.Gate);
        _rollout.Why = decision.Verdict.Why;
        return decision;
    }

    private void StartWave(int wave)
    {
        (_rollout.Wave, _rollout.WaveStarted) = (wave, _now);
        foreach (var (row, _, _, _) in _devices)
        {
            if (row.Wave != wave)
                continue;
            (row.WaveStarted, row.Prepared, row.Told, row.PreviousDigest) = (_now, _now, _now, Old);
            _boards.Tell(_numbers[row.Device], _now);
        }
    }

    // A look where nothing changed since the last is the same look: the clock goes on to what happens next, an hour at the most.
    private void Pass()
    {
        var next = Math.Max(_now + TickMs, Math.Min(_boards.NextStep ?? long.MaxValue, _now + 3 * TickMs));
        _now = next;
        _boards.PassTo(_now, board => DeviceJudge.Observe(_devices[_rowOf[board]].Row, _boards.Slots[board], _rollout, _now));
        for (var d = 0; d < _devices.Length; d++)
        {
            var online = _boards.IsOnline(_numbers[_devices[d].Row.Device], _now);
            if (online != _devices[d].IsOnline)
                _devices[d] = _devices[d] with { IsOnline = online };
        }
    }

    private List<DeviceEvidence> Devices(RolloutNow now)
    {
        var cohorts = EvidenceCohorts.Of(now);
        var rows = EvidenceWindows.OfMinutes(_rollout, _now);
        return [.. cohorts.Candidates.Select(d => Evidence(d, rows, true)).Concat(cohorts.Controls.Select(d => Evidence(d, rows, false)))];
    }

    private DeviceEvidence Evidence(DeviceNow device, EvidenceWindows rows, bool isCandidate)
    {
        var board = _numbers[device.Row.Device];
        var (line, known) = (_boards.LineOf(board), Math.Min(rows.AfterTo, _boards.KnownTo(board, _now)));
        var from = isCandidate ? Math.Max(rows.AfterFrom, _boards.ActivatedAt(board)) : rows.AfterFrom;
        // A profile of the package is closed with the hour in which it began to serve.
        var hasProfile = !isCandidate || (_boards.ActivatedAt(board) / 3_600_000 + 1) * 3_600_000 <= known;
        // What a board measured while it was away comes when it is back.
        var before = _boards.KnownTo(board, _now) > _rollout.Started - 3_600_000 ? line.Before(rows) : WindowFacts.Nothing;
        return new DeviceEvidence(device.Row.Device.Value, isCandidate, before, line.After(from, known, isCandidate ? _scenario.Model : null, hasProfile));
    }

    private RolloutPlan Plan(Sha256Digest digest)
    {
        var hit = _boards.Ids.Select((id, i) => new Candidate(id, HasSlot: true, IsLab: false, _boards.IsOnline(i, _now))).ToList();
        return RolloutPlanner.Plan(new RolloutRequest("leaf", "2.0.0"), Leaf, digest, null, hit) is PlanEnding.Planned planned
            ? planned.Plan
            : throw new InvalidOperationException("The default plan was refused.");
    }

    private DeviceNow Row(DeviceId id, int wave) => new(
        new RolloutDevice { RolloutId = 1, Device = id, Wave = wave, Attempt = 1 }, _boards.Slots[_numbers[id]], _boards.IsOnline(_numbers[id], _now), false);
}
