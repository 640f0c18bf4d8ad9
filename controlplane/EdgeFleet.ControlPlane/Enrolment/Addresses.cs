using EdgeFleet.ControlPlane.Hosting;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Under which addresses people and devices reach this control plane.</summary>
internal sealed class Addresses(IOptions<ControlPlaneOptions> options, BoundPorts ports)
{
    /// <summary>The host that was asked for if it is one of ours, else the first of ours.</summary>
    public string Host(string? asked) => options.Value.Hosts.FirstOrDefault(h => string.Equals(h, asked?.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)) ?? options.Value.Hosts[0];

    /// <summary>The host that devices use: one of their own names if there are such, else as for people.</summary>
    public string DeviceHost(string? asked) =>
        options.Value.IsDeviceHost(asked) ? asked! : options.Value.DeviceHosts.Length > 0 ? options.Value.DeviceHosts[0] : Host(asked);

    /// <summary>Base address of pages, API and enrolment.</summary>
    public Uri People(string? asked) => new UriBuilder(Uri.UriSchemeHttps, Host(asked), ports.HttpsPort).Uri;

    /// <summary>Base address of package files, with a slash at the end.</summary>
    public Uri Packages(string? asked) => Device(asked, "packages/");

    /// <summary>Base address of what devices ask for themselves, with a slash at the end.</summary>
    public Uri Devices(string? asked) => Device(asked, "device/v1/");

    /// <summary>Port of the broker.</summary>
    public int MqttPort => ports.MqttPort;

    // With a name of their own devices need no port of their own.
    private Uri Device(string? asked, string path) =>
        new UriBuilder(Uri.UriSchemeHttps, DeviceHost(asked), options.Value.DeviceHosts.Length > 0 ? ports.HttpsPort : ports.DeviceHttpsPort, path).Uri;
}
