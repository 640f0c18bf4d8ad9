using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>Loading within a deadline. A load that hangs in native code or on a dying disk cannot be ended: it is left behind, and freed if it ever comes back.</summary>
internal static class LoadDeadline
{
    /// <summary>Loads a package, on a thread of the pool.</summary>
    /// <exception cref="ModelLoadException">It cannot be loaded, or not in time.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static async Task<LoadedModel> LoadAsync(
        this ModelLoader loader, PackageRef package, ModelUse use, (TimeSpan Max, TimeProvider Time) limit, CancellationToken cancel)
    {
        var loading = Task.Run(() => loader.LoadAsync(package, use, cancel), cancel);
        try
        {
            return await loading.WaitAsync(limit.Max, limit.Time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _ = loading.ContinueWith(async l => (await l).Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            cancel.ThrowIfCancellationRequested();
            throw new ModelLoadException($"{package.Label} was not loaded within {limit.Max.TotalSeconds:0} s (Updates:StepSeconds): its runtime or the disk hangs.");
        }
    }
}
