using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane;

/// <summary>Where the control plane keeps its files, under which names it is reached, and on which ports. Section <c>ControlPlane</c>.</summary>
internal sealed class ControlPlaneOptions
{
    public const string Section = "ControlPlane";

    /// <summary>Folder of everything that must be backed up.</summary>
    [Required]
    public string DataFolder { get; set; } = "/var/lib/edgefleet-controlplane";

    /// <summary>Names and addresses that stand in the server's certificate; the first is used in links.</summary>
    [MinLength(1)]
    public string[] Hosts { get; set; } = ["localhost", "127.0.0.1"];

    /// <summary>Port for people: pages, API, enrolment. 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int HttpsPort { get; set; } = 8443;

    /// <summary>Port for devices: package files. 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int DeviceHttpsPort { get; set; } = 8444;

    /// <summary>Port of the broker. 0 takes any free one.</summary>
    [Range(0, 65535)]
    public int MqttPort { get; set; } = 8883;
}
