using System.Threading.Channels;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Sources;

/// <summary>A fake clock that moves only once somebody waits for it, and then just as far as he waits for: no test has to guess when a loop is at its next wait.</summary>
internal sealed class WaitedClock : FakeTimeProvider
{
    // What is due later is a deadline that nobody waits for.
    private static readonly TimeSpan DeadlineMin = TimeSpan.FromMinutes(5);
    private readonly Channel<DateTimeOffset> _due = Channel.CreateUnbounded<DateTimeOffset>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new NotedTimer(base.CreateTimer(callback, state, dueTime, period), Note);
        Note(dueTime);
        return timer;
    }

    /// <summary>Moves from wait to wait until something holds.</summary>
    public async Task AdvanceUntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            var due = await _due.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            if (due > GetUtcNow())
                Advance(due - GetUtcNow());
        }
    }

    /// <summary>Moves from wait to wait until a task has ended.</summary>
    public async Task AdvanceUntilAsync(Task ended)
    {
        while (!ended.IsCompleted)
        {
            var waits = _due.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask();
            await Task.WhenAny(ended, waits).WaitAsync(TimeSpan.FromSeconds(30));
            if (_due.Reader.TryRead(out var due) && due > GetUtcNow())
                Advance(due - GetUtcNow());
        }

        await ended;
    }

    private void Note(TimeSpan due)
    {
        if (due >= TimeSpan.Zero && due < DeadlineMin)
            _due.Writer.TryWrite(GetUtcNow() + due);
    }

    private sealed class NotedTimer(ITimer timer, Action<TimeSpan> note) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            note(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

internal static class HealthWaiting
{
    /// <summary>Completes when the warnings are as wished.</summary>
    public static async Task WhenAsync(this HealthBoard board, Func<IReadOnlyList<HealthWarning>, bool> holds)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (holds(board.Warnings))
                reached.TrySetResult();
        }

        board.Changed += Look;
        Look();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        board.Changed -= Look;
    }
}
