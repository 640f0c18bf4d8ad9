namespace EdgeFleet.Benchmarks.Install;

/// <summary>What things are called on a board.</summary>
internal static class Names
{
    public const string Package = "edgefleet-agent";
    public const string Unit = "edgefleet-agent";
    public const string User = "edgefleet";
    public const string State = "/var/lib/edgefleet";
    public const string Config = "/etc/edgefleet";
    public const string Slot = "leaf";
    public const string Camera = "/srv/camera";
}
