using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>A certificate authority, the key that signs desired documents, and identities by both.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Test CA", _caKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        Ca = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddYears(1));
        Server = Issue("control-plane", ECDsa.Create(ECCurve.NamedCurves.nistP256), isServer: true);
    }

    public X509Certificate2 Ca { get; }

    public X509Certificate2 Server { get; }

    public ECDsa SigningKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Sha256Digest Pin => Sha256Digest.Of(Ca.RawData);

    public X509Certificate2 Issue(string name, ECDsa key, bool isServer = false)
    {
        using var certified = IssuePublic(name, key, isServer);
        return certified.CopyWithPrivateKey(key);
    }

    public X509Certificate2 IssuePublic(string name, ECDsa key, bool isServer = false)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(isServer ? "1.3.6.1.5.5.7.3.1" : "1.3.6.1.5.5.7.3.2")], false));
        if (isServer)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(Shared.Trust.PinnedCa.Carry(Ca));
        }

        return request.Create(Ca.SubjectName, X509SignatureGenerator.CreateForECDsa(_caKey), TimeProvider.System.GetUtcNow().AddHours(-1),
            TimeProvider.System.GetUtcNow().AddMonths(6), RandomNumberGenerator.GetBytes(16));
    }

    /// <summary>Puts an identity on a board's disk, as an enrolment does.</summary>
    public void Enrol(string stateFolder, DeviceId device, int mqttPort, Uri? packages = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = IssuePublic(device.Value, key);
        new IdentityStore(stateFolder).Save(Response(device, certificate, mqttPort, packages), key);
    }

    public EnrolmentResponse Response(DeviceId device, X509Certificate2 certificate, int mqttPort, Uri? packages = null) => new()
    {
        Device = device,
        Certificate = certificate.ExportCertificatePem(),
        Ca = Ca.ExportCertificatePem(),
        MqttHost = "localhost",
        MqttPort = mqttPort,
        Packages = packages ?? new Uri("https://localhost:1/packages/"),
        Keys = [Shared.Trust.PublicKey.Of(SigningKey)],
    };

    public void Dispose()
    {
        _caKey.Dispose();
        SigningKey.Dispose();
        Ca.Dispose();
        Server.Dispose();
    }
}
