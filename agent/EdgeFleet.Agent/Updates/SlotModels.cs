using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>The sessions of one slot: the one that serves and the one that stays ready for a return.</summary>
internal sealed class SlotModels(IModelHost host, ModelLoader loader, TimeSpan swapMax, TimeProvider time) : IDisposable
{
    private LoadedModel? _ready;

    /// <summary>Told what serves after every change.</summary>
    public Action<LoadedModel?> Served { get; init; } = _ => { };

    /// <summary>Longest time of a load.</summary>
    public TimeSpan LoadMax { get; init; } = TimeSpan.FromSeconds(new UpdateOptions().StepSeconds);

    /// <summary>The slot.</summary>
    public IModelHost Host => host;

    /// <summary>Lets a package serve; the one that served stays ready. Nothing happens when it serves already.</summary>
    /// <exception cref="ModelLoadException">It cannot be loaded; the one that served still does.</exception>
    public async Task PutAsync(PackageRef package, CancellationToken cancel)
    {
        if (host.Active?.Package.Digest == package.Digest)
            return;

        var next = Take(package) ?? await LoadAsync(package, cancel);
        var old = await SwapAsync(next, cancel);
        DropReady();
        _ready = old;
    }

    /// <summary>Puts a package, or none, back in place; the one that served is dropped.</summary>
    /// <exception cref="ModelLoadException">It cannot be loaded; the one that served still does.</exception>
    public async Task ReturnToAsync(PackageRef? package, CancellationToken cancel)
    {
        if (host.Active?.Package.Digest == package?.Digest)
            return;

        var next = package is null ? null : Take(package) ?? await LoadAsync(package, cancel);
        (await SwapAsync(next, cancel))?.Dispose();
    }

    /// <summary>Frees the one that stays ready.</summary>
    public void DropReady()
    {
        _ready?.Dispose();
        _ready = null;
    }

    /// <inheritdoc/>
    public void Dispose() => DropReady();

    private Task<LoadedModel> LoadAsync(PackageRef package, CancellationToken cancel) => loader.LoadAsync(package, host.Use, (LoadMax, time), cancel);

    private LoadedModel? Take(PackageRef package)
    {
        if (_ready?.Package.Digest != package.Digest)
            return null;

        var ready = _ready;
        _ready = null;
        return ready;
    }

    private async Task<LoadedModel?> SwapAsync(LoadedModel? next, CancellationToken cancel)
    {
        // Not cancelled midway: the reference has changed, and only the wait for the old one to become idle is left.
        var swap = host.SwapAsync(next, CancellationToken.None);
        Served(next);
        try
        {
            return await swap.WaitAsync(swapMax, time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // A model that hangs in a run is freed if it ever comes back.
            _ = swap.ContinueWith(async s => (await s)?.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            cancel.ThrowIfCancellationRequested();
            return null;
        }
    }
}
