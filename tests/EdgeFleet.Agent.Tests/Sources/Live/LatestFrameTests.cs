using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Live;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Sources.Live;

public sealed class LatestFrameTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SourceCounters _counters = new();
    private readonly LatestFrame _latest;

    public LatestFrameTests() => _latest = new LatestFrame(_time, TimeSpan.FromSeconds(10), _counters);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_newest_wins_and_the_others_are_counted()
    {
        foreach (byte i in (byte[])[1, 2, 3])
            Write(i);

        var (frame, _) = await _latest.TakeAsync(Cancel);

        Assert.Equal((3, 3L), (frame!.Bytes[0], frame.Number));
        Assert.Equal((3, 2), (_counters.Frames, _counters.Dropped));
    }

    [Fact]
    public async Task A_reader_that_came_first_is_woken_and_may_keep_its_frame_while_others_are_written()
    {
        var waiting = _latest.TakeAsync(Cancel);
        Assert.False(waiting.IsCompleted);
        Write(1);
        var (frame, _) = await waiting;
        foreach (byte i in (byte[])[2, 3, 4])
            Write(i);

        Assert.Equal(1, frame!.Bytes[0]);
        Assert.Equal(4, (await _latest.TakeAsync(Cancel)).Frame!.Bytes[0]);
    }

    [Fact]
    public async Task A_frame_that_waited_too_long_says_nothing_of_now()
    {
        Write(1);
        _time.Advance(TimeSpan.FromSeconds(11));
        var waiting = _latest.TakeAsync(Cancel);
        Assert.False(waiting.IsCompleted);

        Write(2);

        Assert.Equal(2, (await waiting).Frame!.Bytes[0]);
        Assert.Equal(1, _counters.Dropped);
    }

    [Fact]
    public async Task A_fault_is_told_once_after_the_frame_that_is_there_and_a_newer_frame_ends_it()
    {
        Write(1);
        _latest.Fail(new SourceFault("It died.", "Look."));

        Assert.NotNull((await _latest.TakeAsync(Cancel)).Frame);
        Assert.Equal("It died.", (await _latest.TakeAsync(Cancel)).Fault!.Why);
        var waiting = _latest.TakeAsync(Cancel);
        Assert.False(waiting.IsCompleted);
        Write(2);
        await waiting;

        _latest.Fail(new SourceFault("It died again.", "Look."));
        Write(3);
        Assert.Equal(3, (await _latest.TakeAsync(Cancel)).Frame!.Bytes[0]);
        var nothing = _latest.TakeAsync(Cancel);
        Assert.False(nothing.IsCompleted, "the older fault was told");
    }

    [Fact]
    public async Task Waiting_ends_when_the_agent_does()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var waiting = _latest.TakeAsync(stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private void Write(byte value)
    {
        _latest.Writing.Append([value]);
        _latest.Publish();
    }
}
