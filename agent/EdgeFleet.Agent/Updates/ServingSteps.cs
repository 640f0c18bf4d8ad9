using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>The steps of one slot that change what serves: activation, probation, return; and what serves at start. Each may be done again.</summary>
internal sealed class ServingSteps(SlotModels models, MinuteFeed feed, FaultTally faults, UpdateOptions options, TimeProvider time)
{
    private const int ReturnTriesMax = 3;

    private readonly MinuteEvidence _minutes = new();
    private int _returnTries;

    /// <summary>Does the step that a late state names.</summary>
    public Task<UpdateEvent> PerformAsync(UpdateState state, SlotRecord record, CancellationToken cancel) => state switch
    {
        Activating s => ActivateAsync(s, record, cancel),
        Probation s => WatchAsync(s, cancel),
        RollingBack => RollBackAsync(record.Serving, cancel),
        _ => throw new InvalidOperationException($"{state.Name} has no step from activation on."),
    };

    /// <summary>Loads what must serve while the state goes on; the first of the packages that can be.</summary>
    /// <returns>The package that serves, and why earlier ones could not.</returns>
    public async Task<(PackageRef? Serves, string? Why)> RestoreAsync(IEnumerable<PackageRef> wanted, CancellationToken cancel)
    {
        string? why = null;
        foreach (var package in wanted)
        {
            try
            {
                await models.PutAsync(package, cancel);
                return (package, why);
            }
            catch (ModelLoadException e)
            {
                why ??= e.Message;
            }
        }

        return (null, why);
    }

    /// <summary>Frees what stayed ready for a return, once there is none to come.</summary>
    public void Settle() => models.DropReady();

    private async Task<UpdateEvent> ActivateAsync(Activating state, SlotRecord record, CancellationToken cancel)
    {
        var serving = record.Serving;
        try
        {
            // After a restart the minutes in memory are few or none; those on record are of before it.
            var fresh = serving.Active is { } before ? feed.BaselineOf(before.Label) : null;
            var kept = record.Baseline?.Model == serving.Active?.Label ? record.Baseline : null;
            var baseline = fresh?.Windows >= (kept?.Windows ?? 0) ? fresh : kept;
            _minutes.Begin(state.Target.Package, serving.Active?.Label, serving.Active is { } known ? feed.LastOf(known.Label) : []);
            await models.PutAsync(state.Target.Package, cancel);
            feed.Skip();
            return new Activated(new ProbationWatch { BaselineP95Us = baseline?.P95Us, Before = baseline });
        }
        catch (ModelLoadException e)
        {
            return new StepFailed(e.Message, FailureKind.Local);
        }
    }

    private async Task<UpdateEvent> WatchAsync(Probation state, CancellationToken cancel)
    {
        var package = state.Target.Package;
        _minutes.Resume(package, state.Watch.Before);
        while (models.Host.Active is { } active && active.Package.Digest == package.Digest)
        {
            var minute = await feed.ReadAsync(cancel);
            var row = minute.Row;
            if (row.Model.Length > 0 && row.Model != package.Label)
                continue;

            _minutes.Add(package, row);
            switch (ProbationPolicy.Judge(state.Watch, new ProbationMinute(row, faults.Take(models.Host.Slot, package.Digest)) { Seen = minute }, LimitsFor(active.Manifest.Budgets)))
            {
                case ProbationVerdict.Passed:
                    return new StepDone { Evidence = _minutes.Build(package) };
                case ProbationVerdict.Failed failed:
                    return new StepFailed(failed.Reason, FailureKind.Statistical) { Evidence = _minutes.Build(package) };
                case ProbationVerdict.GoesOn on when on.Watch != state.Watch:
                    return new Watched(on.Watch);
            }
        }

        return new StepFailed("It no longer serves, though it was on probation.", FailureKind.Statistical);
    }

    private ProbationLimits LimitsFor(Budgets budgets) =>
        new(options.ProbationSeconds, options.ProbationSamplesMin, options.ProbationFaultShareMax, (long)(budgets.P95LatencyMs * 1000))
        {
            ConfidenceDropMax = options.ProbationConfidenceDropMax,
            MixChangeMax = options.ProbationMixChangeMax,
            EnergyFactorMax = options.ProbationEnergyFactorMax,
            MemoryMb = budgets.MemoryMb,
        };

    private async Task<UpdateEvent> RollBackAsync(Serving serving, CancellationToken cancel)
    {
        try
        {
            await models.ReturnToAsync(serving.Active, cancel);
            _returnTries = 0;
            return new StepDone();
        }
        catch (ModelLoadException e) when (++_returnTries < ReturnTriesMax)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.BackoffSecondsFirst), time, cancel);
            return new StepFailed(e.Message, FailureKind.Local);
        }
        catch (ModelLoadException e)
        {
            _returnTries = 0;
            return new StepFailed(e.Message, FailureKind.Local, Final: true);
        }
    }
}
