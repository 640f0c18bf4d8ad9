namespace EdgeFleet.Testing.Processes;

/// <summary>Waits for what another process brings about; a condition that does not come within the time is named.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until a condition holds.</summary>
    public static Task IsAsync(Func<bool> holds, string what, TimeSpan within, CancellationToken cancel) =>
        GetAsync(() => Task.FromResult(holds() ? "" : null), what, within, cancel);

    /// <summary>Waits until something is there, and returns it.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> find, string what, TimeSpan within, CancellationToken cancel)
        where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(within);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (true)
            {
                if (await find() is { } found)
                    return found;
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"Waited {within.TotalSeconds:0} s for {what}, in vain.");
        }
    }
}
