using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>What brings candidates to disk and tries them; shared by all slots.</summary>
internal sealed record CandidateTools(PackageLane Lane, PackageDownloader Downloader, PackageVerifier Verifier, RehearsalChild Child, PackageShelf Shelf);

/// <summary>The steps of one slot before its candidate touches it: download, verify, rehearse, shadow. Each may be done again.</summary>
internal sealed class CandidateSteps(CandidateTools tools, BoardFacts board, UpdateOptions options, TimeProvider time, Random random)
{
    private TimeSpan? _retryAfter;

    /// <summary>Does the step that an early state names.</summary>
    public Task<UpdateEvent> PerformAsync(UpdateState state, IModelHost host, Action<double> progress, CancellationToken cancel) => state switch
    {
        Downloading s => DownloadAsync(s, progress, cancel),
        Verifying s => VerifyAsync(s, host, cancel),
        Rehearsing s => RehearseAsync(s, host, cancel),
        // No sample is shared with a candidate yet; the state stands in its place.
        Shadowing => Task.FromResult<UpdateEvent>(new Shadowed("skipped")),
        _ => throw new InvalidOperationException($"{state.Name} has no step before activation."),
    };

    private async Task<UpdateEvent> DownloadAsync(Downloading state, Action<double> progress, CancellationToken cancel)
    {
        var package = state.Target.Package;
        await Task.Delay(DownloadPolicy.Backoff(state.Attempt, _retryAfter, options, random.NextDouble()), time, cancel);
        return await tools.Lane.RunAsync<UpdateEvent>(
            async () =>
            {
                var before = tools.Downloader.BytesHeld(package);
                var end = await tools.Downloader.FetchAsync(package, progress, tools.Lane.Sweep, cancel);
                _retryAfter = (end as DownloadEnd.Failed)?.RetryAfter;
                return end is DownloadEnd.Failed failed
                    ? new StepFailed(failed.Reason, failed.Failure, failed.Final, Progressed: tools.Downloader.BytesHeld(package) > before)
                    : new StepDone();
            },
            cancel);
    }

    private async Task<UpdateEvent> VerifyAsync(Verifying state, IModelHost host, CancellationToken cancel) =>
        await tools.Verifier.VerifyAsync(state.Target.Package, host.InputKind, cancel) is { } failed ? failed : new StepDone();

    private async Task<UpdateEvent> RehearseAsync(Rehearsing state, IModelHost host, CancellationToken cancel)
    {
        var package = state.Target.Package;
        if (tools.Shelf.ManifestOf(package) is not { } manifest || VariantChooser.Choose(manifest, board, out _) is not { } variant)
            return new StepFailed($"{package.Label} was on disk a moment ago and is gone. Look after the disk; then try again.", FailureKind.Local);

        var order = new RehearsalOrder(
            tools.Shelf.Files.Root, package, variant, manifest.Budgets.MemoryMb, options.RehearsalSlackMb, options.RehearsalSeconds, host.Threads);
        var report = await tools.Child.RunAsync(order, cancel);
        return report.Passed ? new StepDone() : new StepFailed($"Rehearsal of {variant.Name}: {report.Summary}", report.Failure ?? FailureKind.Deterministic);
    }
}
