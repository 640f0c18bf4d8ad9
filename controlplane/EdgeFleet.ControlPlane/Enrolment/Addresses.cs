using EdgeFleet.ControlPlane.Hosting;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Under which addresses people and devices reach this control plane.</summary>
internal sealed class Addresses(IOptions<ControlPlaneOptions> options, BoundPorts ports)
{
    /// <summary>The host that was asked for if it is one of ours, else the first of ours.</summary>
    public string Host(string? asked) => options.Value.Hosts.FirstOrDefault(h => string.Equals(h, asked?.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)) ?? options.Value.Hosts[0];

    /// <summary>Base address of pages, API and enrolment.</summary>
    public Uri People(string? asked) => new UriBuilder(Uri.UriSchemeHttps, Host(asked), ports.HttpsPort).Uri;

    /// <summary>Base address of package files, with a slash at the end.</summary>
    public Uri Packages(string? asked) => new UriBuilder(Uri.UriSchemeHttps, Host(asked), ports.DeviceHttpsPort, "packages/").Uri;

    /// <summary>Base address of what devices ask for themselves, with a slash at the end.</summary>
    public Uri Devices(string? asked) => new UriBuilder(Uri.UriSchemeHttps, Host(asked), ports.DeviceHttpsPort, "device/v1/").Uri;

    /// <summary>Port of the broker.</summary>
    public int MqttPort => ports.MqttPort;
}
