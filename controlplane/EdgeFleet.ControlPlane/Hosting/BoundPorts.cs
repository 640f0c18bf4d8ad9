using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>The ports that were taken: the configured ones, or the free ones that were found. Known once the server listens.</summary>
internal sealed class BoundPorts
{
    internal ListenOptions? Https { private get; set; }

    internal ListenOptions? DeviceHttps { private get; set; }

    internal ListenOptions? Mqtt { private get; set; }

    /// <summary>Port for people.</summary>
    public int HttpsPort => PortOf(Https);

    /// <summary>Port for package files.</summary>
    public int DeviceHttpsPort => PortOf(DeviceHttps);

    /// <summary>Port of the broker.</summary>
    public int MqttPort => PortOf(Mqtt);

    private static int PortOf(ListenOptions? listener) =>
        listener?.IPEndPoint?.Port ?? throw new InvalidOperationException("The listeners are not configured yet.");
}
