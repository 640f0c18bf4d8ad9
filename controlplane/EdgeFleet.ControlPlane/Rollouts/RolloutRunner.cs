using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>
/// Takes rollouts one look further: gathers the facts, asks the decider, applies the answer. Everything is saved by compare-and-set, so any number
/// of runners may run, and one that is cut off anywhere leaves rows from which the next goes on.
/// </summary>
internal sealed partial class RolloutRunner(
    IDbContextFactory<FleetContext> contexts, RolloutHands hands, IOptions<RolloutOptions> options, TimeProvider time, ILogger<RolloutRunner> logger)
{
    // Start, tell, pass and start again is the longest way without waiting for a device; what is left goes on at the next tick.
    private const int LooksMax = 8;

    /// <summary>Looks at every rollout in which something is left to do, the oldest first.</summary>
    public async Task TickAsync(CancellationToken cancel)
    {
        List<long> open;
        await using (var db = await contexts.CreateDbContextAsync(cancel))
            open = await db.Set<Rollout>().Where(r => !r.Settled).OrderBy(r => r.Id).Select(r => r.Id).ToListAsync(cancel);

        foreach (var id in open)
            await LookAtAsync(id, cancel);
    }

    /// <summary>Looks at one rollout until a look changes nothing.</summary>
    public async Task LookAtAsync(long id, CancellationToken cancel)
    {
        for (var look = 0; look < LooksMax; look++)
        {
            try
            {
                if (!await LookOnceAsync(id, cancel))
                    return;
            }
            catch (DbUpdateConcurrencyException)
            {
                LogOvertaken(logger, id);
                await AssureAsync(id, cancel);
            }
        }
    }

    private async Task<bool> LookOnceAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await RolloutReader.ReadAsync(db, id, time, cancel) is not { Rollout.Settled: false } now)
            return false;

        var (state, wave) = (now.Rollout.State, now.Rollout.Wave);
        switch (state)
        {
            case RolloutState.Planned:
                StartWave(now, 1);
                now.Rollout.Stand(RolloutState.Running, now.Rollout.Verdict, now.Now);
                break;
            case RolloutState.Running or RolloutState.Holding:
                RetryLocalFailures(now);
                await hands.Teller.TellAsync(db, now, cancel);
                await DecideAsync(db, now, cancel);
                break;
            case RolloutState.Paused:
                await DecideAsync(db, now, cancel);
                break;
            case RolloutState.Halted or RolloutState.RollingBack:
                await hands.Teller.SetBackAsync(db, now, cancel);
                await ApplyAsync(db, now, ReturnDecider.Decide(now.ReturnFacts()), null, cancel);
                break;
        }

        await db.SaveChangesAsync(cancel);
        return !now.Rollout.Settled && (now.Rollout.State, now.Rollout.Wave) != (state, wave);
    }

    private async Task DecideAsync(FleetContext db, RolloutNow now, CancellationToken cancel)
    {
        if (now.Rollout.Wave == 0)
            return; // Paused before the first wave.
        await hands.Evidence.LookAsync(db, now, cancel);
        var inputs = new DecisionInputs(now.Facts(), now.Plan.Gate, RolloutDecider.Rules);
        var decision = RolloutDecider.Decide(inputs.Facts, inputs.Gate);
        if (now.Rollout.State != RolloutState.Paused || decision is RolloutDecision.Halt)
            await ApplyAsync(db, now, decision, inputs, cancel);
    }

    private async Task ApplyAsync(FleetContext db, RolloutNow now, RolloutDecision decision, DecisionInputs? inputs, CancellationToken cancel)
    {
        var rollout = now.Rollout;
        if (decision.Verdict != rollout.Verdict)
            await DecisionLog.AddAsync(db, now, decision, inputs is null ? null : JsonSerializer.Serialize(inputs, RolloutJson.Default.DecisionInputs), cancel);

        var next = decision switch
        {
            RolloutDecision.Hold => RolloutState.Holding,
            RolloutDecision.Done => RolloutState.Done,
            RolloutDecision.Halt => RolloutState.Halted,
            RolloutDecision.GoBack => RolloutState.RollingBack,
            RolloutDecision.Returned => now.ReturnFacts().HadToGo == 0 ? RolloutState.Halted : RolloutState.RolledBack,
            _ => RolloutState.Running,
        };
        if (next != rollout.State)
            LogStateEntered(logger, rollout.Id, next.Name(), decision.Verdict.Why);
        if (next != rollout.State || decision.Verdict != rollout.Verdict)
            rollout.Stand(next, decision.Verdict, now.Now);

        if (decision is RolloutDecision.Advance or RolloutDecision.Done)
            await RolloutQuarantine.PutAsync(db, now, cancel);
        if (decision is RolloutDecision.Advance)
            StartWave(now, rollout.Wave + 1);
        if (decision is RolloutDecision.Halt)
            rollout.HaltedWhy = decision.Verdict.Why;
        rollout.Settled = decision is RolloutDecision.Done or RolloutDecision.Returned;
    }

    // The wave's number and its start are one write of one row: of two workers, or of one before and after a crash, exactly one starts it.
    private void StartWave(RolloutNow now, int wave)
    {
        (now.Rollout.Wave, now.Rollout.WaveStarted) = (wave, now.Now);
        foreach (var device in now.Devices.Where(d => d.Row.Wave == wave))
            device.Row.WaveStarted = now.Now;
        LogWaveStarted(logger, now.Rollout.Id, wave, now.Plan.Waves[wave - 1].Count);
    }

    private void RetryLocalFailures(RolloutNow now)
    {
        foreach (var (row, _, _, _) in now.Devices.Where(d => LocalRetries.IsDue(d.Row, options.Value, now.Now)))
        {
            LogTriedAgain(logger, now.Rollout.Id, row.Device.Value, row.Attempt + 1, row.Reason ?? "");
            LocalRetries.Renew(row, now.Now);
        }
    }

    private async Task AssureAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await RolloutReader.ReadAsync(db, id, time, cancel) is { Rollout.State: RolloutState.Halted or RolloutState.RollingBack or RolloutState.RolledBack } now)
            await hands.Teller.AssureAsync(db, now, cancel);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Rollout {Rollout} is {State}: {Why}")]
    private static partial void LogStateEntered(ILogger logger, long rollout, string state, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Rollout {Rollout} started wave {Wave} with {Devices} devices")]
    private static partial void LogWaveStarted(ILogger logger, long rollout, int wave, int devices);

    [LoggerMessage(Level = LogLevel.Information, Message = "Rollout {Rollout} tries {Device} again as attempt {Attempt} after a local failure: {Reason}")]
    private static partial void LogTriedAgain(ILogger logger, long rollout, string device, int attempt, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Rollout {Rollout} was changed meanwhile by somebody else; looking again")]
    private static partial void LogOvertaken(ILogger logger, long rollout);
}

/// <summary>By what a runner acts beside the database.</summary>
internal sealed record RolloutHands(RolloutTeller Teller, EvidenceReader Evidence);
