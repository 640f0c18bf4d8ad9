using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Agent.Updates.Trust;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Agent.Updates;

/// <summary>What brings candidates to disk and tries them; shared by all slots.</summary>
internal sealed record CandidateTools(PackageLane Lane, PackageDownloader Downloader, PackageVerifier Verifier, RehearsalChild Child, PackageShelf Shelf)
{
    /// <summary>TensorRT engines; null on a board without.</summary>
    public EngineCache? Engines { get; init; }

    /// <summary>What asks whether the publishers signed a package; null on a simulated board, whose packages nobody signs.</summary>
    public PackageTrust? Trust { get; init; }

    /// <summary>What shows a candidate live samples.</summary>
    public required ShadowTools Shadow { get; init; }
}

/// <summary>What shows a candidate live samples.</summary>
internal sealed record ShadowTools(ModelLoader Loader, ShadowRunner Runner);

/// <summary>What a step says while it goes on.</summary>
/// <param name="Progress">Told the share of a download that is done.</param>
/// <param name="Held">Told why it waits, and null when it goes on.</param>
internal sealed record StepSigns(Action<double> Progress, Action<string?> Held);

/// <summary>The steps of one slot before its candidate touches it: download, verify, rehearse, shadow. Each may be done again.</summary>
internal sealed class CandidateSteps(CandidateTools tools, BoardFacts board, UpdateOptions options, TimeProvider time, Random random)
{
    private TimeSpan? _retryAfter;

    /// <summary>Does the step that an early state names.</summary>
    public Task<UpdateEvent> PerformAsync(UpdateState state, IModelHost host, StepSigns signs, CancellationToken cancel) => state switch
    {
        Downloading s => DownloadAsync(s, signs, cancel),
        Verifying s => VerifyAsync(s, host, cancel),
        Rehearsing s => RehearseAsync(s, host, cancel),
        Shadowing s => ShadowAsync(s, host, signs.Held, cancel),
        _ => throw new InvalidOperationException($"{state.Name} has no step before activation."),
    };

    private async Task<UpdateEvent> DownloadAsync(Downloading state, StepSigns signs, CancellationToken cancel)
    {
        var package = state.Target.Package;
        await Task.Delay(DownloadPolicy.Backoff(state.Attempt, _retryAfter, options, random.NextDouble()), time, cancel);
        while (true)
        {
            var (end, progressed) = await tools.Lane.RunAsync(() => FetchAsync(package, signs.Progress, cancel), cancel);
            _retryAfter = (end as DownloadEnd.Failed)?.RetryAfter;
            switch (end)
            {
                case DownloadEnd.Failed failed:
                    return new StepFailed(failed.Reason, failed.Failure, failed.Final, progressed) { Deltas = end.Deltas };
                case DownloadEnd.Done:
                    return new StepDone { Deltas = end.Deltas };
                case DownloadEnd.Waits waits:
                    await WaitAsync(waits.Why, signs.Held, cancel); // Not in the lane: another slot may need nothing of the link.
                    continue;
                default:
                    throw new InvalidOperationException($"{end} is no end of a download.");
            }
        }
    }

    private async Task<(DownloadEnd End, bool Progressed)> FetchAsync(PackageRef package, Action<double> progress, CancellationToken cancel)
    {
        var before = tools.Downloader.BytesHeld(package);
        DownloadEnd? untrusted = tools.Trust is { } trust ? await trust.CheckAsync(package, cancel) : null;
        var end = untrusted ?? await tools.Downloader.FetchAsync(package, tools.Lane.Serving, progress, tools.Lane.Sweep, cancel);
        return (end, tools.Downloader.BytesHeld(package) > before);
    }

    private async Task WaitAsync(string why, Action<string?> held, CancellationToken cancel)
    {
        held(why);
        try
        {
            await tools.Downloader.Budget.OpenAsync(cancel);
        }
        finally
        {
            held(null);
        }
    }

    // On a thread of its own, for a read from a dying disk may never come back.
    private async Task<UpdateEvent> VerifyAsync(Verifying state, IModelHost host, CancellationToken cancel)
    {
        try
        {
            var verifying = Task.Run(() => tools.Verifier.VerifyAsync(state.Target.Package, host.InputKind, cancel), cancel);
            return await verifying.WaitAsync(TimeSpan.FromSeconds(options.StepSeconds), time, cancel) is { } failed ? failed : new StepDone();
        }
        catch (TimeoutException)
        {
            return new StepFailed($"{state.Target.Package.Label} was not verified within {options.StepSeconds} s (Updates:StepSeconds): the disk hangs. Look after it; then try again.", FailureKind.Local);
        }
    }

    private async Task<UpdateEvent> RehearseAsync(Rehearsing state, IModelHost host, CancellationToken cancel)
    {
        var package = state.Target.Package;
        if (tools.Shelf.ManifestOf(package) is not { } manifest || VariantChooser.Choose(manifest, board, out _) is not { } variant)
            return new StepFailed($"{package.Label} was on disk a moment ago and is gone. Look after the disk; then try again.", FailureKind.Local);

        var (engines, failure) = await EnginesAsync(package, variant, host, cancel);
        if (failure is not null)
            return new StepFailed($"The engine of {variant.Name} was not built: {failure.Why}", failure.Failure);

        var order = new RehearsalOrder(
            tools.Shelf.Files.Root, package, variant, manifest.Budgets.MemoryMb, options.RehearsalSlackMb, options.RehearsalSeconds, host.Threads)
        {
            Engines = engines,
        };
        var report = await tools.Child.RunAsync(order, cancel);
        return report.Passed
            ? new StepDone { Evidence = await CompareAsync(order, host, cancel) }
            : new StepFailed($"Rehearsal of {variant.Name}: {report.Summary}", report.Failure ?? FailureKind.Deterministic);
    }

    // Built here, so that the model that serves goes on meanwhile, and the rehearsal and activation find it.
    private async Task<(IReadOnlyDictionary<string, string> Folders, EngineFailure? Failure)> EnginesAsync(PackageRef package, Variant variant, IModelHost host, CancellationToken cancel)
    {
        var folders = new Dictionary<string, string>();
        if (tools.Engines is not { } cache || variant.Provider != ExecutionProviders.TensorRt)
            return (folders, null);

        var (folder, failure) = await cache.EnsureAsync(tools.Shelf.Files.Root, package, variant, cancel);
        if (folder is not null)
            folders[variant.File.Digest.Value] = folder;
        if (host.Active?.Variant is { Provider: ExecutionProviders.TensorRt } active && await cache.FindAsync(active, cancel) is { } serving)
            folders[active.File.Digest.Value] = serving;
        return (folders, failure);
    }

    // A second process, so that no fault of the comparison is charged to a candidate that has passed.
    private async Task<CandidateEvidence?> CompareAsync(RehearsalOrder order, IModelHost host, CancellationToken cancel)
    {
        if (host.Active is not { } active || options.EvidenceSeconds == 0 || active.Package.Digest == order.Package.Digest)
            return null;

        var both = order with { MemoryMb = order.MemoryMb + active.Manifest.Budgets.MemoryMb, Seconds = options.EvidenceSeconds };
        return await tools.Child.CompareAsync(both, active.Package, active.Variant.Name, cancel);
    }

    private async Task<UpdateEvent> ShadowAsync(Shadowing state, IModelHost host, Action<string?> held, CancellationToken cancel)
    {
        var (package, order) = (state.Target.Package, state.Target.Shadow);
        if (order?.Faults().ToList() is { Count: > 0 } faults)
            return new StepFailed($"What was asked of {package.Label} in shadow makes no sense: {string.Join(" ", faults)}", FailureKind.Deterministic);

        var share = order?.Share ?? host.ShadowShare;
        if (share <= 0 || host.Active is not { } active || active.Package.Digest == package.Digest)
            return new Shadowed("skipped");

        try
        {
            using var candidate = await tools.Shadow.Loader.LoadAsync(package, host.Use with { Batch = 1 }, (TimeSpan.FromSeconds(options.StepSeconds), time), cancel);
            var limits = (candidate.Manifest.Shadow ?? new ShadowLimits()).And(order?.Limits);
            var seen = await tools.Shadow.Runner.RunAsync(host, active, candidate, PlanOf(share, limits), held, cancel);
            seen = seen with { Disagreements = [.. seen.Disagreements.Select(Affordable)] };
            return ShadowPolicy.Judge(seen.Evidence, limits, options.ProbationFaultShareMax, seen.Cut) switch
            {
                ShadowVerdict.Failed failed => new StepFailed(failed.Reason, FailureKind.Statistical) { Evidence = seen.Evidence, Disagreements = seen.Disagreements },
                ShadowVerdict.Passed passed => new Shadowed(passed.Word) { Evidence = seen.Evidence, Disagreements = seen.Disagreements },
                var other => throw new InvalidOperationException($"{other} is no verdict on a shadow."),
            };
        }
        catch (ModelLoadException e)
        {
            // Activation will say whether it can serve at all; there may only be no memory for two.
            return new Shadowed($"skipped: {e.Message}");
        }
    }

    // A photo to look at goes over the same link as what updates fetch.
    private DisagreementFound Affordable(DisagreementFound found)
    {
        if (found.Photo.Length > tools.Downloader.Budget.Left())
            return found with { Photo = default };

        tools.Downloader.Budget.Spend(found.Photo.Length);
        return found;
    }

    private ShadowPlan PlanOf(double share, ShadowLimits limits) =>
        new(share, Math.Max(options.ShadowSamples, limits.Judges ? limits.SamplesMin ?? ShadowLimits.SamplesMinDefault : 0), TimeSpan.FromSeconds(options.ShadowSeconds), options.ShadowBusyShareMax)
        {
            EnergyJMax = options.ShadowEnergyJMax,
            Examples = options.ShadowExamples,
        };
}
