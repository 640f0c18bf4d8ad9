namespace EdgeFleet.Shared.Api;

/// <summary>The ways in which a ticket reaches a board. A ticket is one word of letters, digits, '.', '-' and '_', so it needs no quoting anywhere.</summary>
public static class EnrolmentWays
{
    /// <summary>The line to run on the board.</summary>
    public static string Command(string ticket) => $"sudo edgefleet-agent enrol {ticket}";

    /// <summary>User data for cloud-init: the board enrols at its first start.</summary>
    public static string CloudInit(string ticket) => $"""
        #cloud-config
        runcmd:
          - [edgefleet-agent, enrol, {ticket}]
          - [systemctl, enable, --now, edgefleet-agent]

        """;

    /// <summary>A key's SHA-256 in groups, so that two people can compare it aloud.</summary>
    public static string Grouped(string digest) => string.Join(' ', digest.Chunk(8).Select(c => new string(c)));
}
