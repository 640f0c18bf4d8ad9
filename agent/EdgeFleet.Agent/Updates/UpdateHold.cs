namespace EdgeFleet.Agent.Updates;

/// <summary>Whether updates must wait because the board is hot, throttled or low on battery. Set by who knows, asked before each step that costs power.</summary>
internal sealed class UpdateHold
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _free = Done();
    private string? _why;
    private string? _strain;

    /// <summary>Why updates wait; null when they do not.</summary>
    public string? Why => Volatile.Read(ref _why);

    /// <summary>What strains the board, for example <c>too hot and throttled</c>; null while nothing does. A candidate in shadow pauses meanwhile, also where updates do not wait.</summary>
    public string? Strain
    {
        get => Volatile.Read(ref _strain);
        set => Volatile.Write(ref _strain, value);
    }

    /// <summary>Lets updates wait for a reason, or go on when it is null. Any thread.</summary>
    public void Set(string? why)
    {
        lock (_gate)
        {
            Volatile.Write(ref _why, why);
            if (why is null)
                _free.TrySetResult();
            else if (_free.Task.IsCompleted)
                _free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Completes when updates may go on.</summary>
    public Task FreeAsync(CancellationToken cancel)
    {
        lock (_gate)
            return _free.Task.WaitAsync(cancel);
    }

    /// <summary>
    /// True for a step that may wait: download, rehearsal, and the last one before activation. What has begun to change the slot goes on, and the way back to a
    /// model that was committed before never waits.
    /// </summary>
    public static bool Concerns(UpdateState state, Serving serving) =>
        state is Downloading or Rehearsing or Shadowing
        && ((WishState)state).Target.Package.Digest is var digest && digest != serving.Active?.Digest && digest != serving.Previous?.Digest;

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        done.SetResult();
        return done;
    }
}
