using EdgeFleet.Agent.Connectivity;

namespace EdgeFleet.Agent.Hosting;

/// <summary>What the program can be asked for.</summary>
internal static class Usage
{
    /// <summary>Exit code for a command line that is not understood.</summary>
    public const int ExitCode = 2;

    /// <summary>Exit code when a command needs a running agent and there is none.</summary>
    public const int NotRunning = 3;

    private const string Text =
        """
        edgefleet-agent: runs models on this board and keeps them up to date

          edgefleet-agent run                        serve until stopped (the default)
          edgefleet-agent enrol TICKET [--name NAME] join a fleet with a ticket from its control plane
          edgefleet-agent renew                      renew the board's certificate now
          edgefleet-agent key                        print the SHA-256 of the key that the board will enrol with
          edgefleet-agent status [--json]            what runs since when, link, updates, warnings; needs no network
          edgefleet-agent check [--json]             look for what is wrong on this board, and say what to do about it
          edgefleet-agent runtime [--library FILE] [--providers LIST] [--json]
                                                     try an ONNX Runtime library and its execution providers on this board
          edgefleet-agent snapshot SLOT [--out FILE] [--json]
                                                     what the slot's camera or sensor sees now, with the model's answer
          edgefleet-agent logs [-f] [-n LINES] [--json]
                                                     the last lines of the log
          edgefleet-agent --version

        Each takes --config FILE; FILE is /etc/edgefleet/agent.json by default, and the *.json files of config.d beside it go over it.
        Environment variables go over both: EDGEFLEET_Agent__StateFolder=/data/edgefleet.

        Exit codes: 0 well; 1 something is wrong, or a command failed; 2 the call is not understood; 3 the agent does not run;
        78 the configuration cannot be used.
        """;

    /// <summary>Prints the version.</summary>
    public static int PrintVersion()
    {
        Console.WriteLine(BoardFacts.AgentVersion);
        return 0;
    }

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
