using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Tests.Enrolment;

/// <summary>The devices' port of a control plane, as far as a renewal needs it: real TLS with client certificates, by a clock that a test moves.</summary>
internal sealed class RenewalServer : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly ECDsa _caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly WebApplication _app;
    private X509Certificate2 _server;

    public RenewalServer(TimeProvider time)
    {
        _time = time;
        Ca = CaCertificates.Root(_caKey, time.GetUtcNow(), 20);
        _server = IssueServer();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, Configure));
        _app = builder.Build();
        _app.MapPost("/device/v1/renew", (Delegate)RenewAsync);
        _app.MapGet("/device/v1/self", (HttpContext c) => RefusesNew is { } why && c.Connection.ClientCertificate!.SerialNumber != FirstSerial ? Results.Problem(why, statusCode: 403) : Results.Text("board-1"));
    }

    public X509Certificate2 Ca { get; }

    public ECDsa SigningKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Certificates that were issued.</summary>
    public int Issued { get; private set; }

    /// <summary>Serial of the first one.</summary>
    public string FirstSerial { get; private set; } = "";

    /// <summary>Why renewals are refused; null when they are not.</summary>
    public string? Refuses { get; set; }

    /// <summary>Why certificates after the first are not let in.</summary>
    public string? RefusesNew { get; set; }

    /// <summary>Serials that asked for a renewal.</summary>
    public List<string> AskedBy { get; } = [];

    private Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    public Task StartAsync() => _app.StartAsync();

    public Task StopAsync() => _app.StopAsync();

    public EnrolmentResponse Certify(ECDsa key) => AnswerFor(new System.Security.Cryptography.X509Certificates.PublicKey(key));

    public void RenewServer() => _server = IssueServer();

    /// <summary>Puts a first identity on a board's disk.</summary>
    public void Enrol(IdentityStore identities)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var answer = AnswerFor(new System.Security.Cryptography.X509Certificates.PublicKey(key));
        using var certificate = X509Certificate2.CreateFromPem(answer.Certificate);
        FirstSerial = certificate.SerialNumber;
        identities.Save(answer, key);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _caKey.Dispose();
        SigningKey.Dispose();
    }

    private void Configure(ListenOptions listener) => listener.UseHttps(new TlsHandshakeCallbackOptions
    {
        OnConnection = _ => ValueTask.FromResult(new System.Net.Security.SslServerAuthenticationOptions
        {
            ServerCertificate = _server,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, c, _, _) => c is not null && PinnedCa.IsIssuedBy(Ca, c, PinnedCa.ClientPurpose, time: Within(c)),
        }),
    });

    // Also one whose life is over.
    private JudgedTime Within(X509Certificate certificate)
    {
        using var copy = new X509Certificate2(certificate);
        return new JudgedTime(_time.GetUtcNow() < copy.NotAfter.AddSeconds(-1) ? _time.GetUtcNow() : copy.NotAfter.AddSeconds(-1));
    }

    private async Task<IResult> RenewAsync(HttpContext context)
    {
        AskedBy.Add(context.Connection.ClientCertificate!.SerialNumber);
        if (Refuses is { } why)
            return Results.Problem(why, statusCode: 403);
        var request = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.RenewalRequest);
        var key = CertificateRequest.LoadSigningRequestPem(request!.Csr, HashAlgorithmName.SHA256).PublicKey;
        return Results.Text(JsonSerializer.Serialize(AnswerFor(key), WireJson.Default.EnrolmentResponse), "application/json");
    }

    private EnrolmentResponse AnswerFor(System.Security.Cryptography.X509Certificates.PublicKey key)
    {
        Issued++;
        var request = new CertificateRequest(new X500DistinguishedName("CN=board-1"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ClientPurpose)], false));
        var now = _time.GetUtcNow();
        using var certificate = request.Create(Ca.SubjectName, X509SignatureGenerator.CreateForECDsa(_caKey), now.AddDays(-1), now.AddDays(365), CaCertificates.NewSerial());
        return new EnrolmentResponse
        {
            Device = DeviceId.Parse("board-1"),
            Certificate = certificate.ExportCertificatePem(),
            Ca = Ca.ExportCertificatePem(),
            MqttHost = "localhost",
            MqttPort = 1,
            Packages = new Uri(Address, "/packages/"),
            Keys = [Shared.Trust.PublicKey.Of(SigningKey)],
        };
    }

    private X509Certificate2 IssueServer()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ServerPurpose)], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        var now = _time.GetUtcNow();
        using var bare = request.Create(Ca.SubjectName, X509SignatureGenerator.CreateForECDsa(_caKey), now.AddDays(-1), now.AddDays(397), CaCertificates.NewSerial());
        return bare.CopyWithPrivateKey(key);
    }
}
