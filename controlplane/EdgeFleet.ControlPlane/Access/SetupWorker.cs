using System.Text.Json;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Once the server listens and nobody has an account, writes the set-up link and says where, not what it is.</summary>
internal sealed partial class SetupWorker(
    SetupLink link, IHostApplicationLifetime life, IOptions<ControlPlaneOptions> options, ILogger<SetupWorker> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await UntilListeningAsync(stoppingToken);
        if (!stoppingToken.IsCancellationRequested && await link.RefreshAsync($"https://{options.Value.Hosts[0]}:{Port()}", stoppingToken))
            Log.SetupLinkWritten(log, link.FilePath);
    }

    private async Task UntilListeningAsync(CancellationToken cancel)
    {
        var either = CancellationTokenSource.CreateLinkedTokenSource(life.ApplicationStarted, cancel);
        await Task.Delay(Timeout.InfiniteTimeSpan, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        either.Dispose();
    }

    // The port that was taken stands in endpoints.json when any free one was asked for.
    private int Port()
    {
        var file = Path.Combine(options.Value.DataFolder, "endpoints.json");
        if (options.Value.HttpsPort != 0 || !File.Exists(file))
            return options.Value.HttpsPort;
        using var endpoints = JsonDocument.Parse(File.ReadAllText(file));
        return endpoints.RootElement.GetProperty("https").GetInt32();
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "SetupLinkWritten: nobody has an account; open the link in {File} to make the first")]
        public static partial void SetupLinkWritten(ILogger logger, string file);
    }
}
