using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

/// <summary>A root that stays away, and issuing certificates below it, as the command line makes them.</summary>
public sealed class OfflineRootTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Devices_pin_the_root_and_its_key_is_not_on_the_server()
    {
        await MakeAsync("stick", "plane/ca");
        await using var plane = await RunningControlPlane.StartAsync(dataFolder: _folder["plane"]);
        Assert.False(File.Exists(_folder["plane", "ca", "ca.key"]));
        Assert.Equal(PinOf("stick"), plane.Authority.Pin);

        var leaf = await plane.EnrolAsync("leaf-1");
        Assert.Equal(PinOf("stick"), Sha256Digest.Of(X509Certificate2.CreateFromPem(leaf.Answer.Ca).RawData));
        Assert.False(PinnedCa.IsIssuedBy(plane.Authority.Certificate, leaf.Certificate, PinnedCa.ClientPurpose));
        Assert.True(PinnedCa.IsIssuedBy(plane.Authority.Certificate, leaf.Certificate, PinnedCa.ClientPurpose, plane.Authority.Issuing));
        using var http = plane.Devices(leaf.Certificate);
        Assert.Equal("leaf-1", await http.GetStringAsync("device/v1/self"));
        var bench = new IdentityBench(plane, TimeProvider.System);
        using var client = (await bench.ConnectAsync(leaf.Certificate, "leaf-1")).Client;
        Assert.True(client.IsConnected);
    }

    [Fact]
    public async Task A_new_issuing_certificate_takes_over_and_certificates_by_the_earlier_one_still_count()
    {
        await MakeAsync("stick", "first");
        using var first = Open("first");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leaf = first.Issue(Request(key), TimeSpan.FromDays(100));
        await RunAsync("ca", "issuing", "--root", _folder["stick"], "--out", _folder["second", "ca"], "--earlier", _folder["first", "ca", "issuing.pem"]);

        using var second = new CertificateAuthority(new DataFolder(_folder["second"]), TimeProvider.System);

        Assert.Equal(first.Pin, second.Pin);
        Assert.Equal(2, second.Issuing.Count);
        using var next = second.Issue(Request(key), TimeSpan.FromDays(100));
        var now = TimeProvider.System.GetUtcNow();
        Assert.True(second.Issued(leaf, PinnedCa.ClientPurpose, now));
        Assert.True(second.Issued(next, PinnedCa.ClientPurpose, now));
        Assert.False(first.Issued(next, PinnedCa.ClientPurpose, now));
    }

    [Fact]
    public async Task What_does_not_belong_together_is_refused_at_the_start_and_named()
    {
        await MakeAsync("stick", "plane/ca");
        await MakeAsync("other", "strange");
        File.Copy(_folder["strange", "issuing.pem"], _folder["plane", "ca", "issuing.pem"], overwrite: true);
        var wrongKey = Assert.Throws<IOException>(() => Open2());
        Assert.Contains("issuing.key", wrongKey.Message, StringComparison.Ordinal);
        File.Copy(_folder["strange", "issuing.key"], _folder["plane", "ca", "issuing.key"], overwrite: true);
        var wrongRoot = Assert.Throws<IOException>(() => Open2());
        Assert.Contains("not signed by the root", wrongRoot.Message, StringComparison.Ordinal);
        File.Delete(_folder["plane", "ca", "issuing.key"]);
        var missing = Assert.Throws<IOException>(() => Open2());
        Assert.Contains("issuing.key is missing", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_is_never_written_over()
    {
        await MakeAsync("stick", "plane/ca");
        var before = await File.ReadAllTextAsync(_folder["stick", "ca.key"]);
        var (code, _, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, "ca", "root", _folder["stick"]], TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.Equal(2, code);
        Assert.Contains("is there already", all, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(_folder["stick", "ca.key"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["stick", "ca.key"]));
    }

    private static CertificateRequest Request(ECDsa key)
    {
        var request = new CertificateRequest("CN=leaf-1", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ClientPurpose)], false));
        return request;
    }

    private CertificateAuthority Open(string name)
    {
        // The command writes into the folder itself; a data folder has it below ca/.
        Directory.CreateDirectory(_folder[name, "ca"]);
        foreach (var file in new[] { "ca.pem", "issuing.pem", "issuing.key" })
            File.Copy(_folder[name, file], _folder[name, "ca", file], overwrite: true);
        return new CertificateAuthority(new DataFolder(_folder[name]), TimeProvider.System);
    }

    private CertificateAuthority Open2() => new(new DataFolder(_folder["plane"]), TimeProvider.System);

    private Sha256Digest PinOf(string stick)
    {
        using var root = X509CertificateLoader.LoadCertificateFromFile(_folder[stick, "ca.pem"]);
        return Sha256Digest.Of(root.RawData);
    }

    private async Task MakeAsync(string stick, string target)
    {
        await RunAsync("ca", "root", _folder[stick]);
        await RunAsync("ca", "issuing", "--root", _folder[stick], "--out", _folder[target]);
    }

    private static async Task RunAsync(params string[] words)
    {
        var (code, _, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. words], TimeSpan.FromSeconds(60), CancellationToken.None);
        Assert.True(code == 0, all);
    }
}
