using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Tests.Enrolment;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>The link and the identity that is in force.</summary>
public sealed class IdentityLinkTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly TestControlPlane _plane;

    public IdentityLinkTests() => _plane = new TestControlPlane(_authority);

    public async ValueTask DisposeAsync()
    {
        await _plane.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_new_identity_is_taken_up_at_once_with_a_connection_of_its_own()
    {
        _authority.Enrol(_folder.Path, TestBoard.Device, _plane.Port);
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => _plane.Hellos.Count == 1, "a first hello");

        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var certificate = _authority.IssuePublic(TestBoard.Device.Value, key);
        board.Identities.Save(_authority.Response(TestBoard.Device, certificate, _plane.Port), key);

        await _plane.WaitAsync(() => _plane.Hellos.Count == 2, "a second hello");
        Assert.Equal(2, _plane.Clients.Count);
        Assert.True(_plane.Hellos[1].Session > _plane.Hellos[0].Session);
    }

    [Fact]
    public async Task A_certificate_that_is_over_is_not_shown_to_the_broker()
    {
        _authority.Enrol(_folder.Path, TestBoard.Device, _plane.Port);
        await _plane.StartAsync();
        // A control plane told a time after its end; the board's own clock is behind.
        File.WriteAllText(_folder["last-time"], TimeProvider.System.GetUtcNow().AddYears(3).ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture));
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => board.Board.Warnings.Any(w => w.Code == LinkWorker.WarningDown), "a warning");
        Assert.Contains("has to be renewed", board.Board.Warnings.Single().Text, StringComparison.Ordinal);
        Assert.Empty(_plane.Clients);
    }

    [Fact]
    public async Task The_time_that_an_acknowledgement_tells_is_kept()
    {
        _authority.Enrol(_folder.Path, TestBoard.Device, _plane.Port);
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => _plane.Hellos.Count == 1, "a hello");
        var ahead = TimeProvider.System.GetUtcNow().AddDays(20);
        await _plane.SendAckAsync(TestBoard.Device, new EdgeFleet.Shared.Messages.Ack { Epoch = "other", At = ahead.ToUnixTimeMilliseconds() });
        await _plane.WaitAsync(() => board.Trusted.Now.IsLowerBound, "the told time");
        Assert.InRange(board.Trusted.Now.Now, ahead.AddSeconds(-1), ahead.AddMinutes(2));
        await _plane.WaitAsync(() => File.Exists(_folder["last-time"]), "the told time on disk");
    }
}
