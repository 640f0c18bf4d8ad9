using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>A device that enrolled over HTTP as an agent does: its id, and its certificate with the key.</summary>
internal sealed record BenchDevice(string Id, X509Certificate2 Certificate, EnrolmentResponse Answer)
{
    /// <summary>Enrols with a ticket.</summary>
    /// <exception cref="InvalidOperationException">The control plane did not let it in.</exception>
    public static async Task<BenchDevice> EnrolAsync(string ticket, string name, CancellationToken cancel)
    {
        var (status, device) = await TryEnrolAsync(ticket, name, cancel);
        return device ?? throw new InvalidOperationException($"{name} was not enrolled: {status}.");
    }

    /// <summary>Tries to enrol; the status, and the device when it was let in.</summary>
    public static async Task<(HttpStatusCode Status, BenchDevice? Device)> TryEnrolAsync(string ticket, string name, CancellationToken cancel)
    {
        var read = EnrolmentTicket.TryParse(ticket)!;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var http = Client(new Uri(read.Url, "/"), read, null);
        var request = new EnrolmentRequest
        {
            Token = read.Token,
            Csr = new CertificateRequest("CN=any", key, HashAlgorithmName.SHA256).CreateSigningRequestPem(),
            Name = name,
            Hardware = "generic",
        };
        using var answer = await http.PostAsJsonAsync("enrol/v1", request, WireJson.Default.EnrolmentRequest, cancel);
        if (answer.StatusCode != HttpStatusCode.OK)
            return (answer.StatusCode, null);

        var enrolled = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(cancel), WireJson.Default.EnrolmentResponse)!;
        using var bare = X509Certificate2.CreateFromPem(enrolled.Certificate);
        return (answer.StatusCode, new BenchDevice(enrolled.Device.Value, bare.CopyWithPrivateKey(key), enrolled));
    }

    /// <summary>An HTTP client that trusts what the ticket pins and shows a certificate, if any.</summary>
    public static HttpClient Client(Uri address, EnrolmentTicket ticket, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(ticket.Ca);
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
    }
}

/// <summary>Signs what only the control plane could sign, and what nobody should trust.</summary>
internal sealed class CertificateForge(ControlPlaneProcess plane) : IDisposable
{
    private readonly X509Certificate2 _ca = X509Certificate2.CreateFromPemFile(Path.Combine(plane.Folder, "ca", "ca.pem"), Path.Combine(plane.Folder, "ca", "ca.key"));

    /// <summary>By our CA.</summary>
    public X509Certificate2 Ours(string name, DateTimeOffset from, DateTimeOffset until, string purpose = PinnedCa.ClientPurpose)
    {
        using var key = _ca.GetECDsaPrivateKey()!;
        return Sign(_ca.SubjectName, key, name, from, until, purpose);
    }

    /// <summary>By a CA of the same name and another key.</summary>
    public X509Certificate2 Foreign(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(_ca.SubjectName, key, name, from, until, PinnedCa.ClientPurpose);
    }

    /// <summary>By itself.</summary>
    public static X509Certificate2 SelfSigned(string name, DateTimeOffset from, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(name, key, PinnedCa.ClientPurpose).CreateSelfSigned(from, until);
    }

    /// <inheritdoc/>
    public void Dispose() => _ca.Dispose();

    private static X509Certificate2 Sign(X500DistinguishedName issuer, ECDsa caKey, string name, DateTimeOffset from, DateTimeOffset until, string purpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = Request(name, key, purpose).Create(issuer, X509SignatureGenerator.CreateForECDsa(caKey), from, until, RandomNumberGenerator.GetBytes(12));
        return bare.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, ECDsa key, string purpose)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        return request;
    }
}
