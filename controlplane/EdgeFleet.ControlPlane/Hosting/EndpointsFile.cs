using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>Writes <c>endpoints.json</c> with the ports once the server listens, and removes it when it stops: others wait for it.</summary>
internal sealed partial class EndpointsFile(DataFolder folder, BoundPorts ports, IHostApplicationLifetime life, ILogger<EndpointsFile> log) : IHostedLifecycleService
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private string File => folder.PathOf("endpoints.json");

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        // A leftover of a killed process would name ports that nobody listens on.
        System.IO.File.Delete(File);
        return Task.CompletedTask;
    }

    // Not before every part has started: whoever finds the file may count on all of them, and on being able to stop them.
    public Task StartAsync(CancellationToken cancellationToken)
    {
        life.ApplicationStarted.Register(Write);
        return Task.CompletedTask;
    }

    private void Write()
    {
        var endpoints = new { https = ports.HttpsPort, deviceHttps = ports.DeviceHttpsPort, mqtt = ports.MqttPort };
        DurableFile.Replace(File, JsonSerializer.SerializeToUtf8Bytes(endpoints), ReadableByAll);
        Log.Listening(log, endpoints.https, endpoints.deviceHttps, endpoints.mqtt);
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        System.IO.File.Delete(File);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Listening: people on {HttpsPort}, package files on {DeviceHttpsPort}, broker on {MqttPort}")]
        public static partial void Listening(ILogger logger, int httpsPort, int deviceHttpsPort, int mqttPort);
    }
}
