using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

public sealed class CertificateTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private DataFolder Data => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_CA_is_made_once_and_its_key_is_only_the_owners()
    {
        using var first = new CertificateAuthority(Data, _time);
        using var second = new CertificateAuthority(Data, _time);

        Assert.Equal(first.Pin, second.Pin);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["ca", "ca.key"]));
    }

    [Fact]
    public void A_CA_without_its_key_is_not_made_anew()
    {
        new CertificateAuthority(Data, _time).Dispose();
        File.Delete(_folder["ca", "ca.key"]);

        var fault = Assert.Throws<IOException>(() => new CertificateAuthority(Data, _time));

        Assert.Contains("backup", fault.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["ca", "ca.key"]));
    }

    [Fact]
    public void A_start_that_was_cut_between_key_and_certificate_goes_on()
    {
        new CertificateAuthority(Data, _time).Dispose();
        File.Delete(_folder["ca", "ca.pem"]);

        using var again = new CertificateAuthority(Data, _time);

        Assert.True(File.Exists(_folder["ca", "ca.pem"]));
    }

    [Theory]
    [InlineData("ca.key")]
    [InlineData("ca.pem")]
    public void A_damaged_file_is_named(string file)
    {
        new CertificateAuthority(Data, _time).Dispose();
        File.WriteAllText(_folder["ca", file], "rubbish");

        var fault = Assert.Throws<IOException>(() => new CertificateAuthority(Data, _time));

        Assert.Contains(file, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_servers_certificate_stays_until_a_third_of_its_life_is_left_and_is_then_renewed()
    {
        using var authority = new CertificateAuthority(Data, _time);
        using var server = Server(authority, "localhost", "127.0.0.1");
        var first = Serial();
        server.RenewIfDue();
        Assert.Equal(first, Serial());
        using (var again = Server(authority, "localhost", "127.0.0.1"))
            Assert.Equal(first, Serial());

        _time.Advance(TimeSpan.FromDays(397 * 2 / 3 + 1));
        server.RenewIfDue();

        Assert.NotEqual(first, Serial());
        Assert.Equal(Serial(), server.Current.TargetCertificate.SerialNumber);
    }

    [Fact]
    public void Other_hosts_make_another_certificate_with_their_names()
    {
        using var authority = new CertificateAuthority(Data, _time);
        using var one = Server(authority, "localhost");

        using var two = Server(authority, "fleet.example", "192.0.2.7");

        Assert.NotEqual(one.Current.TargetCertificate.SerialNumber, two.Current.TargetCertificate.SerialNumber);
        Assert.True(two.Current.TargetCertificate.MatchesHostname("fleet.example"));
        Assert.True(two.Current.TargetCertificate.MatchesHostname("192.0.2.7"));
        Assert.False(two.Current.TargetCertificate.MatchesHostname("localhost"));
    }

    private ServerCertificate Server(CertificateAuthority authority, params string[] hosts) =>
        new(authority, Data, Options.Create(new ControlPlaneOptions { Hosts = hosts }), _time, NullLogger<ServerCertificate>.Instance);

    private string Serial()
    {
        using var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(_folder["ca", "server.pem"]));
        return certificate.SerialNumber;
    }
}
