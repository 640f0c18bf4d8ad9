using System.ComponentModel.DataAnnotations;

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
    [Required]
    public string StateFolder { get; set; } = "/var/lib/edgefleet";

    /// <summary>Board, for example <c>orin-nano</c>.</summary>
    [Required, StringLength(63)]
    public string Hardware { get; set; } = "generic";
}
