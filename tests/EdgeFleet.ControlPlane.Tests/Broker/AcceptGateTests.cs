using EdgeFleet.ControlPlane.Broker;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.ControlPlane.Tests.Broker;

public sealed class AcceptGateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly TaskCompletionSource _end = new();
    private int _through;

    [Fact]
    public async Task A_burst_goes_through_the_rest_waits_for_its_turn_and_what_would_wait_too_long_is_closed()
    {
        var gate = new AcceptGate(Options.Create(new BrokerOptions { AcceptBurst = 2, AcceptsPerSecond = 1 }), _time);
        var connections = Enumerable.Range(0, 13).Select(_ => new Connection()).ToList();
        var runs = connections.Select(c => gate.RunAsync(c, NextAsync)).ToList();

        Assert.Equal((2, 13 - 1), (_through, gate.Open)); // Two are through, ten wait for 1 to 10 seconds, one is closed.
        Assert.Equal([12], connections.Index().Where(c => c.Item.IsAborted).Select(c => c.Index));
        _time.Advance(TimeSpan.FromSeconds(3));
        await ReachedAsync(5);
        _time.Advance(TimeSpan.FromSeconds(7));
        await ReachedAsync(12);
        _end.SetResult();
        await Task.WhenAll(runs);
        Assert.Equal(0, gate.Open);
    }

    [Fact]
    public async Task Over_the_most_connections_a_new_one_is_closed_and_its_place_is_free_again()
    {
        var gate = new AcceptGate(Options.Create(new BrokerOptions { ConnectionsMax = 1 }), _time);
        var (first, second, third) = (new Connection(), new Connection(), new Connection());
        var run = gate.RunAsync(first, NextAsync);
        await gate.RunAsync(second, NextAsync);
        _end.SetResult();
        await run;
        await gate.RunAsync(third, NextAsync);

        Assert.Equal((false, true, false, 2), (first.IsAborted, second.IsAborted, third.IsAborted, _through));
    }

    private Task NextAsync(ConnectionContext connection)
    {
        Interlocked.Increment(ref _through);
        return _end.Task;
    }

    private async Task ReachedAsync(int count)
    {
        for (var i = 0; Volatile.Read(ref _through) < count && i < 1_000_000; i++)
            await Task.Yield();
        Assert.Equal(count, _through);
    }

    private sealed class Connection : DefaultConnectionContext
    {
        public bool IsAborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
