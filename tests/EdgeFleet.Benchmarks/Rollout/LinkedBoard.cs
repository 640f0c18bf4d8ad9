using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Agent;
using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Benchmarks.Rollout;

/// <summary>
/// A board of which everything above the frame path is the agent's own: identity, link with TLS and its reconnects, session, desired documents with their signatures, outbox (in memory), reports,
/// and the table of updates. Only models are not there.
/// </summary>
internal sealed class LinkedBoard : IAsyncDisposable
{
    private static readonly ConnectivityOptions Connectivity = new() { ReconnectCapSeconds = 20, KeepAliveSeconds = 600 };

    private readonly OutboxStore _outbox;
    private readonly LinkWorker _worker;
    private readonly LinkStatus _status;

    private LinkedBoard(string folder, PackageRef serves, TimeSpan stepsTake)
    {
        var (time, logs) = (TimeProvider.System, NullLoggerFactory.Instance);
        var health = new HealthBoard(time);
        Updates = new LinkedUpdates(serves, stepsTake);
        _outbox = new OutboxStore(":memory:", Connectivity, health, time, NullLogger<OutboxStore>.Instance);
        _status = new LinkStatus(time);
        var desired = new DesiredConsumer(new DesiredStore(folder), Updates, NullLogger<DesiredConsumer>.Instance);
        var commands = new CommandStore(folder);
        var consumer = new CommandConsumer(commands, new AgentExit(new NoLife(), commands), desired, NullLogger<CommandConsumer>.Instance);
        var parts = new LinkParts(
            _outbox, desired, new ReportBuilder(Updates, health, desired, _outbox, Options.Create(new AgentOptions())), Options.Create(Connectivity),
            new LinkSetting(time, logs, _status, consumer, new TrustedTime(folder, time)));
        _worker = new LinkWorker(new IdentityStore(folder), parts, health, time, NullLogger<LinkWorker>.Instance);
    }

    /// <summary>Its updates.</summary>
    public LinkedUpdates Updates { get; }

    /// <summary>True while it is connected.</summary>
    public bool IsConnected => _status.Now.Connected;

    /// <summary>Enrols over HTTP as the agent does, and makes the board on its folder; it is not connected yet.</summary>
    /// <exception cref="InvalidOperationException">It was not let in.</exception>
    public static async Task<LinkedBoard> EnrolAsync(HttpClient http, string token, string name, string folder, PackageRef serves, TimeSpan stepsTake, CancellationToken cancel)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new EnrolmentRequest
        {
            Token = token,
            Csr = new CertificateRequest("CN=any", key, HashAlgorithmName.SHA256).CreateSigningRequestPem(),
            Name = name,
            Hardware = "generic",
        };
        using var answer = await http.PostAsJsonAsync("enrol/v1", request, WireJson.Default.EnrolmentRequest, cancel);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException($"{name} was not enrolled: {answer.StatusCode}.");

        var assigned = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(cancel), WireJson.Default.EnrolmentResponse)!;
        Directory.CreateDirectory(folder);
        new IdentityStore(folder).Save(assigned, key);
        return new LinkedBoard(folder, serves, stepsTake);
    }

    /// <summary>Connects, and again whenever the connection is lost.</summary>
    public Task StartAsync(CancellationToken cancel) => _worker.StartAsync(cancel);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _worker.StopAsync(CancellationToken.None);
        _worker.Dispose();
        _outbox.Dispose();
        Updates.Dispose();
    }

    // No command ends this process.
    private sealed class NoLife : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}
