using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Tests.Enrolment;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>Debian's mosquitto with the profile that ships, but for paths and port, and a CA of the test's own.</summary>
internal sealed class MosquittoProfile : IAsyncDisposable
{
    private const string Shipped = "/etc/mosquitto/edgefleet";
    private readonly TempFolder _folder = new();
    private readonly ECDsa _caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _ca;
    private readonly CertificateRevocationListBuilder _revoked = new();
    private MosquittoProcess? _process;

    public MosquittoProfile()
    {
        var request = new CertificateRequest("CN=Test fleet CA", _caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _ca = request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(1000));
    }

    private static DateTimeOffset Now { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>Its port.</summary>
    public int Port => _process!.Port;

    /// <summary>What it logged.</summary>
    public string Log => File.ReadAllText(_process!.LogFile);

    /// <summary>A device's certificate by the fleet's CA.</summary>
    public X509Certificate2 Certificate(string name, double fromDays = -1, double untilDays = 300, string purpose = PinnedCa.ClientPurpose) =>
        IdentityBench.Sign(_ca.SubjectName, _caKey, name, purpose, Now.AddDays(fromDays), Now.AddDays(untilDays));

    /// <summary>Puts a certificate on the list that the broker starts with.</summary>
    public X509Certificate2 Revoke(X509Certificate2 certificate)
    {
        _revoked.AddEntry(certificate);
        return certificate;
    }

    public async Task StartAsync()
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ServerPurpose)], false));
        using var server = request.Create(_ca.SubjectName, X509SignatureGenerator.CreateForECDsa(_caKey), Now.AddDays(-1), Now.AddDays(300), [1, 2, 3, 4]);
        await File.WriteAllTextAsync(_folder["ca.pem"], _ca.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["server.pem"], server.ExportCertificatePem());
        await File.WriteAllTextAsync(_folder["server.key"], key.ExportPkcs8PrivateKeyPem());
        var crl = _revoked.Build(_ca.SubjectName, X509SignatureGenerator.CreateForECDsa(_caKey), 1, Now.AddDays(30), HashAlgorithmName.SHA256, X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_ca, true, false), Now.AddDays(-1));
        await File.WriteAllTextAsync(_folder["crl.pem"], PemEncoding.WriteString("X509 CRL", crl));

        var broker = Path.Combine(RealData.CheckoutRoot, "provisioning", "broker");
        File.Copy(Path.Combine(broker, "acl"), _folder["acl"]);
        var shipped = await File.ReadAllLinesAsync(Path.Combine(broker, "mosquitto.conf"));
        Assert.Single(shipped, "listener 8883");
        Assert.Equal(5, shipped.Count(l => !l.StartsWith('#') && l.Contains(Shipped, StringComparison.Ordinal)));
        // Debian's user may not read the test's folder.
        _process = new MosquittoProcess(_folder["broker"], port => [.. shipped.Select(l => Here(l, port)), "user root", $"persistence_location {_folder.Path}/", "log_type all"]);
        await _process.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Connects; null for the client when it was not let in.</summary>
    public async Task<(IMqttClient? Client, MqttClientConnectResultCode? Code)> ConnectAsync(
        X509Certificate2? certificate, string clientId, MqttProtocolVersion version = MqttProtocolVersion.V500, Action<MqttClientOptionsBuilder>? more = null)
    {
        var validate = PinnedCa.Validate(_ca);
        var options = new MqttClientOptionsBuilder().WithTcpServer("localhost", Port)
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates(certificate is null ? [] : [certificate]).WithCertificateValidationHandler(e => validate(tls, e.Certificate, e.Chain, e.SslPolicyErrors)))
            .WithClientId(clientId).WithProtocolVersion(version).WithTimeout(TimeSpan.FromSeconds(20)).WithKeepAlivePeriod(TimeSpan.FromSeconds(60)).WithCleanStart();
        more?.Invoke(options);
        var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var result = await client.ConnectAsync(options.Build());
            return (result.ResultCode == MqttClientConnectResultCode.Success ? client : null, result.ResultCode);
        }
        catch (Exception e) when (e is MQTTnet.Exceptions.MqttCommunicationException or IOException or System.Security.Authentication.AuthenticationException)
        {
            return (null, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
        _caKey.Dispose();
        _ca.Dispose();
    }

    private string Here(string line, int port) => line == "listener 8883"
        ? $"listener {port} 127.0.0.1"
        : line.Replace($"{Shipped}.acl", _folder["acl"], StringComparison.Ordinal).Replace(Shipped, _folder.Path, StringComparison.Ordinal);
}
