using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent;

/// <summary>What concerns the whole agent. Section <c>Agent</c>.</summary>
public sealed class AgentOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Agent";

    /// <summary>
    /// Folder of everything the agent keeps: <c>identity/</c> (key, certificate, ca, addresses), <c>outbox.db</c>, <c>packages/</c> (a content store),
    /// <c>updates/</c> (a file a slot), <c>desired.json</c>, <c>logs/</c>.
    /// </summary>
    public string StateFolder { get; set; } = "/var/lib/edgefleet";

    /// <summary>Board, for example <c>orin-nano</c>.</summary>
    public string Hardware { get; set; } = "generic";

    /// <summary>Reads the section and makes the folder if it is not there.</summary>
    internal static AgentOptions Read(ConfigSection section)
    {
        var options = new AgentOptions { StateFolder = section.Text("StateFolder", "/var/lib/edgefleet"), Hardware = section.Text("Hardware", "generic") };
        if (options.Hardware.Length > 63)
            section.Fault("Hardware", $"has {options.Hardware.Length} characters; at most 63 are allowed", "\"orin-nano\"");
        try
        {
            options.StateFolder = Path.GetFullPath(options.StateFolder);
            Directory.CreateDirectory(options.StateFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            section.Fault("StateFolder", $"is '{options.StateFolder}', which cannot be made or entered ({e.Message})", "\"/var/lib/edgefleet\", owned by the agent's user");
        }

        return options;
    }
}
