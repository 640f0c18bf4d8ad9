using System.Net;
using System.Net.Sockets;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Sources.Mqtt;

/// <summary>A mosquitto broker as a process, on a port that stays the same when it is killed and started again.</summary>
internal sealed class Mosquitto(TempFolder folder, params string[] settings) : IAsyncDisposable
{
    private LocalProcess? _process;

    /// <summary>The program, where there is one on this machine.</summary>
    public static string? Program { get; } = ((string[])["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]).FirstOrDefault(File.Exists);

    /// <summary>Its port.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Starts it and waits until it takes connections.</summary>
    public async Task StartAsync()
    {
        await File.WriteAllLinesAsync(folder["mosquitto.conf"], [$"listener {Port} 127.0.0.1", "log_type all", .. settings]);
        _process = LocalProcess.Start([Program!, "-c", folder["mosquitto.conf"]], folder["mosquitto.log"]);
        await Eventually.IsAsync(IsUp, "the broker", TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private bool IsUp()
    {
        Assert.False(_process!.HasExited, File.ReadAllText(folder["mosquitto.log"]));
        try
        {
            using var client = new TcpClient();
            client.Connect(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
