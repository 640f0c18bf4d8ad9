using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Trust;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// The certificate of all three ports, issued by our CA for the configured hosts; made anew when a third of its life is left or the hosts change.
/// It carries the CA, because at the first contact a device knows only its hash.
/// </summary>
internal sealed partial class ServerCertificate : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromDays(397); // The longest life that all browsers take.
    private readonly CertificateAuthority _authority;
    private readonly ControlPlaneOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _file;
    private X509Certificate2 _certificate;

    /// <summary>Reads the certificate, or makes it.</summary>
    public ServerCertificate(CertificateAuthority authority, DataFolder folder, IOptions<ControlPlaneOptions> options, TimeProvider time, ILogger<ServerCertificate> log)
    {
        (_authority, _options, _time, _log) = (authority, options.Value, time, log);
        _file = Path.Combine(folder.Ca, "server.pem");
        _certificate = TryRead() is { } found && IsGood(found) ? found : Make();
        Current = ContextOf(_certificate);
    }

    /// <summary>What the next handshake presents.</summary>
    public SslStreamCertificateContext Current { get; private set; }

    /// <summary>Makes a new certificate if it is time; handshakes from then on present it.</summary>
    public void RenewIfDue()
    {
        if (IsGood(_certificate))
            return;

        _certificate = Make();
        Current = ContextOf(_certificate);
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private IEnumerable<string> Names => _options.Hosts.Concat(_options.DeviceHosts);

    private bool IsGood(X509Certificate2 certificate) =>
        _authority.Issued(certificate, PinnedCa.ServerPurpose, _time.GetUtcNow())
        // One that ends with its signer cannot be made any better.
        && (new DateTimeOffset(certificate.NotAfter) - _time.GetUtcNow() > Life / 3 || certificate.NotAfter >= _authority.Ends.LocalDateTime)
        && HostsOf(certificate).SetEquals(Names.Select(Canonical));

    private static HashSet<string> HostsOf(X509Certificate2 certificate) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .SelectMany(e => e.EnumerateDnsNames().Concat(e.EnumerateIPAddresses().Select(a => a.ToString()))).ToHashSet();

    private static string Canonical(string host) => IPAddress.TryParse(host, out var address) ? address.ToString() : host;

    private SslStreamCertificateContext ContextOf(X509Certificate2 certificate) =>
        SslStreamCertificateContext.Create(certificate, [.. _authority.Issuing, _authority.Certificate], offline: true);

    private X509Certificate2? TryRead()
    {
        try
        {
            return File.Exists(_file) ? X509Certificate2.CreateFromPemFile(_file) : null;
        }
        catch (CryptographicException e)
        {
            Log.Unreadable(_log, _file, e.Message);
            return null;
        }
    }

    private X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={_options.Hosts[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in Names)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ServerPurpose)], critical: false));
        request.CertificateExtensions.Add(PinnedCa.Carry(_authority.Certificate));
        using var issued = _authority.Issue(request, Life);
        var whole = issued.CopyWithPrivateKey(key);
        var pem = $"{whole.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n";
        DurableFile.Replace(_file, System.Text.Encoding.ASCII.GetBytes(pem), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Log.Made(_log, string.Join(", ", Names), whole.NotAfter);
        return whole;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "ServerCertificateMade: for {Hosts}, until {End:u}")]
        public static partial void Made(ILogger logger, string hosts, DateTime end);

        [LoggerMessage(LogLevel.Warning, "ServerCertificateUnreadable: {File} ({Reason}); a new one is made")]
        public static partial void Unreadable(ILogger logger, string file, string reason);
    }
}

/// <summary>Looks once an hour whether the server's certificate is due.</summary>
internal sealed partial class ServerCertificateWorker(ServerCertificate certificate, TimeProvider time, ILogger<ServerCertificateWorker> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                certificate.RenewIfDue();
            }
            catch (IOException e)
            {
                // A full disk must not end the process while the old certificate is still good.
                Log.NotRenewed(log, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "ServerCertificateNotRenewed: {Reason} It is tried again in an hour")]
        public static partial void NotRenewed(ILogger logger, string reason);
    }
}
