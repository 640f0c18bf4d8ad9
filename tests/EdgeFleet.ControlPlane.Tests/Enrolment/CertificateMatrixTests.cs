using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing.Processes;
using Microsoft.EntityFrameworkCore;
using MQTTnet;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

/// <summary>Every kind of certificate at every door, as real handshakes.</summary>
public sealed class CertificateMatrixTests : IAsyncLifetime
{
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private RunningControlPlane _plane = null!;
    private IdentityBench _bench = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _bench = new IdentityBench(_plane, TimeProvider.System);
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    /// <summary>What each door says: 0 is no handshake.</summary>
    [Theory]
    [InlineData("its own", true, 404, 200, 200)]
    [InlineData("not in the database, by our CA", true, 404, 200, 200)]
    [InlineData("expired", false, 403, 403, 200)]
    [InlineData("other CA", false, 0, 0, 0)]
    [InlineData("other CA of the same name", false, 0, 0, 0)]
    [InlineData("self-signed", false, 0, 0, 0)]
    [InlineData("not yet valid", false, 0, 0, 0)]
    [InlineData("for servers", false, 0, 0, 0)]
    [InlineData("the server's own", false, 0, 0, 0)]
    [InlineData("revoked", false, 403, 403, 403)]
    [InlineData("revoked and expired", false, 403, 403, 403)]
    [InlineData("of a device that was shut out", false, 403, 403, 403)]
    [InlineData("of a retired device", false, 403, 403, 403)]
    [InlineData("of nobody", false, 403, 403, 403)]
    [InlineData("of no id", false, 403, 403, 403)]
    [InlineData("of another device", false, 404, 200, 200)]
    public async Task A_certificate_opens_the_doors_that_it_should_and_no_other(string kind, bool broker, int packages, int self, int renew)
    {
        using var certificate = await MakeAsync(kind);

        // The first two before renewing, which gives the device another one.
        Assert.Equal(packages, await _bench.GetAsync(certificate, "packages/" + new string('0', 64)));
        Assert.Equal(self, await _bench.GetAsync(certificate, "device/v1/self"));
        var (code, said, client) = await _bench.ConnectAsync(certificate, "leaf-1");
        using (client)
            Assert.True(broker == (code == MqttClientConnectResultCode.Success), $"{kind}: {code} {said}");
        Assert.Equal(renew, await RenewStatusAsync(certificate));
    }

    [Theory]
    [InlineData("-tls1_1", false)]
    [InlineData("-tls1", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task Nothing_older_than_TLS_1_2_is_spoken(string version, bool isSpoken)
    {
        foreach (var port in new[] { _plane.Ports.HttpsPort, _plane.Ports.DeviceHttpsPort, _plane.Ports.MqttPort })
        {
            var (_, _, all) = await LocalProcess.RunAsync(
                ["openssl", "s_client", "-connect", $"127.0.0.1:{port}", version, "-cipher", "ALL:@SECLEVEL=0"], TimeSpan.FromSeconds(20), CancellationToken.None);
            Assert.Equal(isSpoken, all.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal));
        }
    }

    private async Task<int> RenewStatusAsync(X509Certificate2 certificate)
    {
        try
        {
            return (int)(await _bench.RenewAsync(certificate)).Status;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private async Task<X509Certificate2> MakeAsync(string kind)
    {
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (from, until) = (_now.AddDays(-1), _now.AddDays(300));
        switch (kind)
        {
            case "its own": return _leaf.Certificate;
            case "not in the database, by our CA": return _bench.Forge("leaf-1", PinnedCa.ClientPurpose, from, until);
            case "expired": return _bench.Forge("leaf-1", PinnedCa.ClientPurpose, _now.AddHours(-20), _now.AddHours(-1));
            case "other CA": return IdentityBench.Sign(new X500DistinguishedName("CN=Other CA"), otherKey, "leaf-1", PinnedCa.ClientPurpose, from, until);
            case "other CA of the same name": return IdentityBench.Sign(_plane.Authority.Certificate.SubjectName, otherKey, "leaf-1", PinnedCa.ClientPurpose, from, until);
            case "self-signed": return IdentityBench.SelfSigned("leaf-1", from, until);
            case "not yet valid": return _bench.Forge("leaf-1", PinnedCa.ClientPurpose, _now.AddHours(2), until);
            case "for servers": return _bench.Forge("leaf-1", PinnedCa.ServerPurpose, from, until);
            case "the server's own": return X509Certificate2.CreateFromPemFile(Path.Combine(_plane.DataFolder, "ca", "server.pem"));
            case "of nobody": return _bench.Forge("stranger", PinnedCa.ClientPurpose, from, until);
            case "of no id": return _bench.Forge("No Such Id", PinnedCa.ClientPurpose, from, until);
            case "of another device": return (await _plane.EnrolAsync("leaf-2")).Certificate;
            case "revoked":
                await RevokeCertificateAsync(_leaf.Certificate);
                return _leaf.Certificate;
            case "revoked and expired":
                var old = _bench.Forge("leaf-1", PinnedCa.ClientPurpose, _now.AddHours(-20), _now.AddHours(-1));
                Assert.Equal(403, await _bench.GetAsync(old, "device/v1/self"));
                Assert.Equal(200, (int)(await _bench.RenewAsync(old)).Status); // By this it is known here.
                await RevokeCertificateAsync(old);
                return old;
            case "of a device that was shut out":
                await _plane.WithDbAsync(db => db.Set<Device>().Where(d => d.Id == _leaf.Id).ExecuteUpdateAsync(d => d.SetProperty(x => x.Revoked, 1L)));
                return _leaf.Certificate;
            case "of a retired device":
                await _plane.WithDbAsync(db => db.Set<Device>().Where(d => d.Id == _leaf.Id).ExecuteUpdateAsync(d => d.SetProperty(x => x.Revoked, 1L).SetProperty(x => x.Retired, 1L)));
                return _leaf.Certificate;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, null);
        }
    }

    private async Task RevokeCertificateAsync(X509Certificate2 certificate)
    {
        var serial = certificate.SerialNumber;
        Assert.Equal(1, await _plane.WithDbAsync(db => db.Set<IssuedCertificate>().Where(c => c.Serial == serial)
            .ExecuteUpdateAsync(c => c.SetProperty(x => x.Revoked, 1L).SetProperty(x => x.RevokedReason, "a test said so"))));
    }
}
