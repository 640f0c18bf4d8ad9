using EdgeFleet.ControlPlane.Access;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.ControlPlane.Tests.Access;

public sealed class LoginLimiterTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly LoginLimiter _limiter;

    public LoginLimiterTests() => _limiter = new LoginLimiter(_time, Options.Create(new AccessOptions { FailuresPerAccountMax = 3, FailuresPerAddressMax = 5, FailureWindowMinutes = 5 }));

    [Fact]
    public void An_account_may_try_again_after_the_window()
    {
        for (var i = 0; i < 3; i++)
            Assert.Null(_limiter.Begin("ana", $"10.0.0.{i}"));
        Assert.Equal(TimeSpan.FromMinutes(5), _limiter.Begin("ANA ", "10.0.0.9"));
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(_limiter.Begin("ana", "10.0.0.9"));
    }

    [Fact]
    public void One_address_cannot_go_through_many_accounts()
    {
        for (var i = 0; i < 5; i++)
            Assert.Null(_limiter.Begin($"user-{i}", "10.0.0.1"));
        Assert.NotNull(_limiter.Begin("user-6", "10.0.0.1"));
        Assert.Null(_limiter.Begin("user-6", "10.0.0.2"));
    }

    [Fact]
    public void A_right_password_does_not_use_attempts_up()
    {
        for (var i = 0; i < 100; i++)
        {
            Assert.Null(_limiter.Begin("ana", "10.0.0.1"));
            _limiter.Succeeded("ana", "10.0.0.1");
        }
    }

    [Fact]
    public void An_attempt_that_was_held_back_does_not_lengthen_the_wait_of_others()
    {
        for (var i = 0; i < 5; i++)
            _limiter.Begin($"user-{i}", "10.0.0.1");
        for (var i = 0; i < 50; i++)
            Assert.NotNull(_limiter.Begin("ana", "10.0.0.1"));
        Assert.Null(_limiter.Begin("ana", "10.0.0.2"));
    }
}
