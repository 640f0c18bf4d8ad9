using System.Security.Cryptography;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Enrolment;

public sealed class TrustedTimeTests : IDisposable
{
    private static readonly DateTimeOffset Released = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_clock_counts_while_nothing_proves_it_wrong()
    {
        var time = new TrustedTime(_folder.Path, new FakeTimeProvider(Released.AddDays(10)), Released);
        Assert.Equal(new JudgedTime(Released.AddDays(10)), time.Now);
    }

    [Fact]
    public void A_clock_before_the_release_is_wrong_and_the_time_is_a_lower_bound()
    {
        var time = new TrustedTime(_folder.Path, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddHours(1)), Released);
        Assert.Equal(new JudgedTime(Released, IsLowerBound: true), time.Now);
    }

    [Fact]
    public void What_a_control_plane_told_outlives_the_process_and_goes_on_by_the_boards_own_count()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var time = new TrustedTime(_folder.Path, clock, Released);
        time.Learn(Released.AddDays(100), Released.AddDays(300));
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(Released.AddDays(100).AddHours(2), time.Now.Now);

        var restarted = new TrustedTime(_folder.Path, new FakeTimeProvider(DateTimeOffset.UnixEpoch), Released);
        Assert.Equal(new JudgedTime(Released.AddDays(100), IsLowerBound: true), restarted.Now);
    }

    [Fact]
    public void Time_never_goes_back_and_a_peer_cannot_carry_it_past_its_own_certificate()
    {
        var time = new TrustedTime(_folder.Path, new FakeTimeProvider(DateTimeOffset.UnixEpoch), Released);
        time.Learn(Released.AddDays(100), Released.AddDays(300));
        time.Learn(Released.AddDays(50), Released.AddDays(300));
        Assert.Equal(Released.AddDays(100), time.Now.Now);
        time.Learn(Released.AddYears(70), Released.AddDays(300));
        Assert.Equal(Released.AddDays(300), time.Now.Now);
    }

    [Fact]
    public void A_file_that_was_damaged_counts_for_nothing()
    {
        File.WriteAllText(_folder["last-time"], "tomorrow");
        Assert.Equal(Released, new TrustedTime(_folder.Path, new FakeTimeProvider(DateTimeOffset.UnixEpoch), Released).Now.Now);
    }

    [Fact]
    public void The_release_has_a_day()
    {
        Assert.InRange(TrustedTime.Released, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public void A_board_in_1970_takes_a_certificate_that_began_later_and_never_one_that_is_over()
    {
        using var authority = new TestAuthority();
        var server = authority.Server;
        var lower = new JudgedTime(server.NotBefore.AddDays(-30), IsLowerBound: true);
        Assert.True(PinnedCa.IsIssuedBy(authority.Ca, server, time: lower));
        Assert.False(PinnedCa.IsIssuedBy(authority.Ca, server, time: lower with { IsLowerBound = false }));
        Assert.False(PinnedCa.IsIssuedBy(authority.Ca, server, time: new JudgedTime(server.NotAfter.AddSeconds(2), IsLowerBound: true)));
    }
}
