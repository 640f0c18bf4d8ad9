namespace EdgeFleet.Agent.Hosting;

/// <summary>What the program can be asked for.</summary>
internal static class Usage
{
    /// <summary>Exit code for a command line that is not understood.</summary>
    public const int ExitCode = 2;

    private const string Text =
        """
        edgefleet-agent: runs models on this board and keeps them up to date

          edgefleet-agent run [--config FILE]                            serve until stopped (the default)
          edgefleet-agent enrol TICKET [--config FILE] [--name NAME]     join a fleet with a ticket from its control plane
          edgefleet-agent renew [--config FILE]                          renew the board's certificate now
          edgefleet-agent key [--config FILE]                            print the SHA-256 of the key that the board will enrol with
          edgefleet-agent rehearse ...                                   let a candidate answer its golden set (started by the agent itself)

        FILE defaults to /etc/edgefleet/agent.json. Environment variables go over it: EDGEFLEET_Agent__StateFolder=/data/edgefleet.
        """;

    /// <summary>Prints the usage; for an unknown verb says so and gives the exit code of a wrong call.</summary>
    public static int Print(string verb)
    {
        if (verb is "run" or "help")
        {
            Console.WriteLine(Text);
            return 0;
        }

        Console.Error.WriteLine($"edgefleet-agent: there is no command '{verb}'.");
        Console.Error.WriteLine(Text);
        return ExitCode;
    }
}
