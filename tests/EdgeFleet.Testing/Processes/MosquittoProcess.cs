using System.Net;
using System.Net.Sockets;

namespace EdgeFleet.Testing.Processes;

/// <summary>Debian's mosquitto as a process of its own, on a free port of the loopback address that stays the same when it is started again.</summary>
/// <param name="folder">Folder for its configuration and log.</param>
/// <param name="settings">Lines of mosquitto.conf for a port, with a listener on it.</param>
public sealed class MosquittoProcess(string folder, Func<int, IReadOnlyList<string>> settings) : IAsyncDisposable
{
    /// <summary>A broker without TLS.</summary>
    /// <param name="folder">Folder for its configuration and log.</param>
    /// <param name="settings">Lines of mosquitto.conf after the listener's.</param>
    public MosquittoProcess(string folder, params string[] settings)
        : this(folder, port => [$"listener {port} 127.0.0.1", .. settings])
    {
    }

    private LocalProcess? _process;

    /// <summary>The program, where there is one on this machine.</summary>
    public static string? Program { get; } = ((string[])["/usr/sbin/mosquitto", "/usr/bin/mosquitto", "/usr/local/sbin/mosquitto"]).FirstOrDefault(File.Exists);

    /// <summary>What a skipped test says.</summary>
    public const string Absent = "Skipped: there is no mosquitto on this machine (apt install mosquitto).";

    /// <summary>Its port.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Process id while it runs.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>All that it printed.</summary>
    public string LogFile => Path.Combine(folder, "mosquitto.log");

    /// <summary>Starts it and waits until it takes connections.</summary>
    /// <exception cref="InvalidOperationException">It ended at once; the text has its last words.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllLinesAsync(file, settings(Port), cancel);
        _process = LocalProcess.Start([Program ?? throw new InvalidOperationException(Absent), "-c", file], LogFile);
        await Eventually.IsAsync(IsUp, "mosquitto", TimeSpan.FromSeconds(20), cancel);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private bool IsUp()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException($"mosquitto ended: {File.ReadAllText(LogFile)}");
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
