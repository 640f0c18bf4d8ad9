using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Enrolment;

/// <summary>The identity as the first agents kept it: one name for every key, and the certificates beside <c>device.json</c> once more.</summary>
public sealed class FirstIdentityTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly RenewalServer _server = new(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
    private readonly IdentityStore _identities;

    public FirstIdentityTests() => _identities = new IdentityStore(_folder.Path);

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _server.Enrol(_identities);
        File.Move(Assert.Single(Directory.GetFiles(_folder["identity"], "key-*.pem")), _folder["identity", "key.pem"]);
        File.WriteAllText(_folder["identity", "device.pem"], "a copy");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public void It_is_good_and_its_key_is_not_swept_away()
    {
        Held();
        _identities.Sweep();
        Held();
        Assert.False(File.Exists(_folder["identity", "device.pem"]));
    }

    [Fact]
    public void The_next_identity_takes_its_place()
    {
        _server.Enrol(_identities);
        Held();
        Assert.False(File.Exists(_folder["identity", "key.pem"]));
    }

    private void Held()
    {
        using var identity = Assert.IsType<IdentityFound.Enrolled>(_identities.Load()).Identity;
        Assert.True(identity.Certificate.HasPrivateKey);
    }
}
