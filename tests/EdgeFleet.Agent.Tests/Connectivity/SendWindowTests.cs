using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>What is on its way, when it is given up, and how long the pauses between connections are.</summary>
public sealed class SendWindowTests
{
    private readonly SendWindow _window = new(TimeSpan.FromSeconds(30));

    [Fact]
    public void Telemetry_leaves_room_for_events_and_events_stop_at_the_whole_window()
    {
        for (var i = 1; i <= SendWindow.BulkMax; i++)
        {
            Assert.True(_window.HasRoom(isBulk: true));
            _window.Sent("minute", i, isBulk: true, At(0));
        }

        Assert.False(_window.HasRoom(isBulk: true));
        for (var i = SendWindow.BulkMax; i < SendWindow.FlightsMax; i++)
        {
            Assert.True(_window.HasRoom(isBulk: false));
            _window.Sent("event", i, isBulk: false, At(0));
        }

        Assert.False(_window.HasRoom(isBulk: false));
        _window.Acked("minute", 3, At(1));
        Assert.True(_window.HasRoom(isBulk: true));
    }

    [Fact]
    public void Overdue_flights_start_again_from_the_oldest_and_the_next_wait_is_longer_until_something_is_acknowledged()
    {
        _window.Sent("event", 5, isBulk: false, At(0));
        Assert.Equal(0, _window.GiveUpOverdue(At(29)));
        Assert.Equal(1, _window.GiveUpOverdue(At(30)));
        Assert.Equal(0, _window.After("event"));

        _window.Sent("event", 5, isBulk: false, At(30));
        Assert.Equal(At(90), _window.OverdueAt);
        _window.Acked("event", 5, At(40));
        Assert.Null(_window.OverdueAt);
        Assert.Equal(5, _window.After("event"));
        _window.Sent("event", 6, isBulk: false, At(50));
        Assert.Equal(At(80), _window.OverdueAt);
    }

    [Fact]
    public void An_acknowledgement_of_an_earlier_connection_moves_the_stream_on()
    {
        _window.Acked("minute", 40, At(0));
        Assert.Equal(40, _window.After("minute"));
        _window.Acked("minute", 30, At(0));
        Assert.Equal(40, _window.After("minute"));
    }

    [Fact]
    public void A_photo_is_sent_once_and_again_when_given_up()
    {
        var photo = Sha256Digest.Of([1]);
        _window.Sent(photo, At(0));
        Assert.True(_window.IsSent(photo));
        _window.GiveUpOverdue(At(31));
        Assert.False(_window.IsSent(photo));
    }

    [Fact]
    public void Pauses_double_up_to_the_cap_and_begin_again_after_a_stable_connection()
    {
        var policy = new ReconnectPolicy(TimeSpan.FromSeconds(300), () => 1);
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300], Enumerable.Range(0, 11).Select(_ => policy.Next(TimeSpan.Zero).TotalSeconds));
        Assert.Equal(300, policy.Next(TimeSpan.FromSeconds(119)).TotalSeconds);
        Assert.Equal(1, policy.Next(TimeSpan.FromSeconds(120)).TotalSeconds);
        Assert.Equal(0, new ReconnectPolicy(TimeSpan.FromSeconds(300), () => 0).Next(TimeSpan.Zero).TotalSeconds);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
