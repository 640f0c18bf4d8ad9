using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using MQTTnet;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

/// <summary>A clock that a test moves; timers go on by the machine's.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}

/// <summary>Real TLS with any certificate against each door of a running control plane.</summary>
internal sealed class IdentityBench(RunningControlPlane plane, TimeProvider time)
{
    private JudgedTime Now() => new(time.GetUtcNow());

    /// <summary>A client of the devices' port that judges the server at the shifted time.</summary>
    public HttpClient Devices(X509Certificate2 certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(plane.Authority.Pin, Now);
        handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{plane.Ports.DeviceHttpsPort}/") };
    }

    /// <summary>Renews, and gives the device with its new certificate.</summary>
    public async Task<(HttpStatusCode Status, TestDevice? Device, string Said)> RenewAsync(X509Certificate2 certificate, ECDsa? key = null)
    {
        using var http = Devices(certificate);
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var answer = await http.PostAsJsonAsync("device/v1/renew", new RenewalRequest { Csr = TestDevice.Csr(key) }, WireJson.Default.RenewalRequest);
        var said = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.IsSuccessStatusCode ? new TestDevice(await TestDevice.ReadAsync(answer), key) : null, said);
    }

    /// <summary>Status of a GET; 0 when there is no connection.</summary>
    public async Task<int> GetAsync(X509Certificate2 certificate, string path)
    {
        using var http = Devices(certificate);
        try
        {
            using var answer = await http.GetAsync(path);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    /// <summary>Connects to the broker; the code, and the client when it is in. Null: there is no connection.</summary>
    public async Task<(MqttClientConnectResultCode? Code, string Said, IMqttClient Client)> ConnectAsync(X509Certificate2 certificate, string clientId)
    {
        var validate = PinnedCa.Validate(plane.Authority.Certificate, Now);
        var options = new MqttClientOptionsBuilder().WithTcpServer("localhost", plane.Ports.MqttPort)
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates([certificate]).WithCertificateValidationHandler(e => validate(this, e.Certificate, e.Chain, e.SslPolicyErrors)))
            .WithClientId(clientId).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithTimeout(TimeSpan.FromSeconds(20)).WithCleanStart().Build();
        var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            var result = await client.ConnectAsync(options);
            return (result.ResultCode, result.ReasonString ?? "", client);
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            return (null, e.Message, client);
        }
    }

    /// <summary>A certificate signed by a key file of the control plane, as nobody but that one could make it.</summary>
    public X509Certificate2 Forge(string name, string purpose, DateTimeOffset from, DateTimeOffset until)
    {
        using var caKey = ECDsa.Create();
        caKey.ImportFromPem(File.ReadAllText(Path.Combine(plane.DataFolder, "ca", "ca.key")));
        return Sign(plane.Authority.Certificate.SubjectName, caKey, name, purpose, from, until);
    }

    public static X509Certificate2 Sign(X500DistinguishedName issuer, ECDsa caKey, string name, string purpose, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        using var bare = request.Create(issuer, X509SignatureGenerator.CreateForECDsa(caKey), from, until, RandomNumberGenerator.GetBytes(12));
        return bare.CopyWithPrivateKey(key);
    }

    public static X509Certificate2 SelfSigned(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ClientPurpose)], false));
        return request.CreateSelfSigned(from, until);
    }
}
