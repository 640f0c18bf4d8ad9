using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Hosting;

/// <summary>The whole control plane in this process, on free ports, with real TLS, a real database and a collecting uplink.</summary>
internal sealed class RunningControlPlane : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly WebApplication _app;

    private RunningControlPlane(TempFolder folder, WebApplication app) => (_folder, _app) = (folder, app);

    public required CollectingUplink Uplink { get; init; }

    public IServiceProvider Services => _app.Services;

    public BoundPorts Ports => Services.GetRequiredService<BoundPorts>();

    public CertificateAuthority Authority => Services.GetRequiredService<CertificateAuthority>();

    public required string DataFolder { get; init; }

    public static async Task<RunningControlPlane> StartAsync(Action<IServiceCollection>? replace = null, JsonObject? settings = null, string? dataFolder = null, JsonObject? controlPlane = null)
    {
        var folder = new TempFolder();
        var config = settings ?? [];
        var own = controlPlane ?? [];
        (own[nameof(DataFolder)], own["HttpsPort"], own["DeviceHttpsPort"], own["MqttPort"]) = (dataFolder ?? folder.Path, 0, 0, 0);
        config["ControlPlane"] = own;
        config["Logging"] = new JsonObject { ["Level"] = "Error" };
        var file = folder["controlplane.json"];
        await File.WriteAllTextAsync(file, config.ToJsonString());

        var uplink = new CollectingUplink();
        var app = Program.Build(new CommandLine("run", ["run"], file), services =>
        {
            services.AddSingleton<IUplink>(uplink);
            replace?.Invoke(services);
        });
        await app.StartAsync();
        return new RunningControlPlane(folder, app) { Uplink = uplink, DataFolder = dataFolder ?? folder.Path };
    }

    /// <summary>A browser or agent without a certificate that knows only the hash of the CA.</summary>
    public HttpClient People() => Client(Ports.HttpsPort, null);

    /// <summary>A client of the devices' port.</summary>
    public HttpClient Devices(X509Certificate2? certificate) => Client(Ports.DeviceHttpsPort, certificate);

    public HttpClient Client(int port, X509Certificate2? certificate)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(Authority.Pin);
        if (certificate is not null)
            handler.SslOptions.ClientCertificates = [certificate];
        return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{port}/") };
    }

    public async Task<EnrolmentTicket> TicketAsync(int uses = 1, double hours = 24)
    {
        var made = await Services.GetRequiredService<EnrolmentTokens>().CreateAsync(new EnrolmentTokenRequest("north", ["lab"], uses, hours), "ana", default);
        return EnrolmentTicket.TryParse(Assert.IsType<TokenCreated.Done>(made).Token.Ticket)!;
    }

    /// <summary>Enrols over HTTP.</summary>
    public async Task<TestDevice> EnrolAsync(string name)
    {
        using var http = People();
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var ticket = await TicketAsync();
        using var answer = await PostAsync(http, new EnrolmentRequest { Token = ticket.Token, Csr = TestDevice.Csr(key), Name = name, Hardware = "generic" });
        answer.EnsureSuccessStatusCode();
        return new TestDevice(await TestDevice.ReadAsync(answer), key);
    }

    public static Task<HttpResponseMessage> PostAsync(HttpClient http, EnrolmentRequest request) =>
        http.PostAsJsonAsync("enrol/v1", request, WireJson.Default.EnrolmentRequest);

    public async Task<T> WithDbAsync<T>(Func<FleetContext, Task<T>> read)
    {
        await using var db = await Services.GetRequiredService<IDbContextFactory<FleetContext>>().CreateDbContextAsync();
        return await read(db);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Dispose();
    }
}

/// <summary>An enrolled device: its answer and its certificate with the key.</summary>
internal sealed class TestDevice(EnrolmentResponse answer, ECDsa key)
{
    public EnrolmentResponse Answer { get; } = answer;

    public DeviceId Id => Answer.Device;

    public X509Certificate2 Certificate { get; } = X509Certificate2.CreateFromPem(answer.Certificate).CopyWithPrivateKey(key);

    public static string Csr(ECDsa key, string name = "CN=whatever") =>
        new CertificateRequest(name, key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    public static async Task<EnrolmentResponse> ReadAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), WireJson.Default.EnrolmentResponse)!;
}
