using EdgeFleet.ControlPlane.Hosting;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Once the server listens and nobody has an account, writes the set-up link and says where, not what it is.</summary>
internal sealed partial class SetupWorker(SetupLink link, BoundPorts ports, IOptions<ControlPlaneOptions> options, ILogger<SetupWorker> log) : IHostedLifecycleService
{
    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        if (await link.RefreshAsync($"https://{options.Value.Hosts[0]}:{ports.HttpsPort}", cancellationToken))
            Log.SetupLinkWritten(log, link.FilePath);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "SetupLinkWritten: nobody has an account; open the link in {File} to make the first")]
        public static partial void SetupLinkWritten(ILogger logger, string file);
    }
}
