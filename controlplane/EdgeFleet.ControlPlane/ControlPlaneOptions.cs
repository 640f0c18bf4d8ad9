using System.ComponentModel.DataAnnotations;
using System.Net;

namespace EdgeFleet.ControlPlane;

/// <summary>Where the control plane keeps its files, under which names it is reached, and on which ports. Section <c>ControlPlane</c>.</summary>
internal sealed class ControlPlaneOptions : IValidatableObject
{
    public const string Section = "ControlPlane";

    /// <summary>Folder of everything that must be backed up.</summary>
    [Required]
    public string DataFolder { get; set; } = "/var/lib/edgefleet-controlplane";

    /// <summary>Names and addresses that stand in the server's certificate; the first is used in links. None configured: this machine only.</summary>
    public string[] Hosts { get; set; } = [];

    /// <summary>
    /// Names that devices use, so that one port is enough: a connection to the people's port that asks for one of these names (SNI) is a device's, is
    /// asked for its certificate, and finds there what is on the devices' port. None configured: only the devices' own port is theirs.
    /// </summary>
    public string[] DeviceHosts { get; set; } = [];

    /// <summary>Address to listen on. Without it: the loopback address if every host is one, else all addresses.</summary>
    public string? Listen { get; set; }

    /// <summary>Port for people: pages, API, enrolment. 0 takes any free one.</summary>
    [Range(0, 65535, ErrorMessage = "is not a port: 0 (any free one) to 65535")]
    public int HttpsPort { get; set; } = 8443;

    /// <summary>Port for devices: package files. 0 takes any free one.</summary>
    [Range(0, 65535, ErrorMessage = "is not a port: 0 (any free one) to 65535")]
    public int DeviceHttpsPort { get; set; } = 8444;

    /// <summary>Port of the broker. 0 takes any free one.</summary>
    [Range(0, 65535, ErrorMessage = "is not a port: 0 (any free one) to 65535")]
    public int MqttPort { get; set; } = 8883;

    /// <summary>The address that the listeners take; null for all.</summary>
    public IPAddress? ListenAddress() => Listen is not null ? IPAddress.Parse(Listen) : Hosts.All(IsLoopback) ? IPAddress.Loopback : null;

    /// <summary>True for a name by which a device asks for this machine.</summary>
    public bool IsDeviceHost(string? name) => DeviceHosts.Contains(name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Fills in what no configuration said. Not a default of the property, because the binder adds to arrays that are there.</summary>
    public void Complete()
    {
        Hosts = Hosts.Length == 0 ? ["localhost", "127.0.0.1"] : [.. Hosts.Distinct()];
        DeviceHosts = [.. DeviceHosts.Distinct()];
    }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var host in Hosts.Where(h => Uri.CheckHostName(h) is UriHostNameType.Unknown or UriHostNameType.Basic))
            yield return new ValidationResult($"holds '{host}', which is neither a host name nor an address", [nameof(Hosts)]);

        // An address never stands in a handshake as a name, and people's names must never ask a browser for a certificate.
        foreach (var host in DeviceHosts.Where(h => Uri.CheckHostName(h) != UriHostNameType.Dns || h == "localhost"))
            yield return new ValidationResult($"holds '{host}', which is not a host name", [nameof(DeviceHosts)]);
        foreach (var host in DeviceHosts.Intersect(Hosts, StringComparer.OrdinalIgnoreCase))
            yield return new ValidationResult($"holds '{host}', which is in {Section}:{nameof(Hosts)} too: a name is people's or devices'", [nameof(DeviceHosts)]);

        if (Listen is not null && !IPAddress.TryParse(Listen, out _))
            yield return new ValidationResult("is not an address to listen on: 127.0.0.1, 0.0.0.0, :: or one of this machine's", [nameof(Listen)]);

        (int Port, string Name)[] ports = [(HttpsPort, nameof(HttpsPort)), (DeviceHttpsPort, nameof(DeviceHttpsPort)), (MqttPort, nameof(MqttPort))];
        foreach (var same in ports.Where(p => p.Port != 0).GroupBy(p => p.Port).Where(g => g.Count() > 1))
            yield return new ValidationResult($"is the same port as {Section}:{same.First().Name}", [same.Last().Name]);
    }

    private static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
