using EdgeFleet.Shared.Files;
using Microsoft.Extensions.Hosting;

namespace EdgeFleet.Agent.Commands;

/// <summary>Ends the process because a command says so: to be started anew by its supervisor, and to be wiped first if that was the command.</summary>
internal sealed class AgentExit(IHostApplicationLifetime life, CommandStore store)
{
    /// <summary>Exit code EX_TEMPFAIL of sysexits.h: a supervisor starts the agent anew, be it told to restart always or on failure.</summary>
    public const int StartAnewExitCode = 75;

    /// <summary>True after a command asked for it.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>Asks for it.</summary>
    /// <param name="wipes">True to wipe the board once all parts have stopped. Kept on disk first, so that a power cut does not undo it.</param>
    public void Ask(bool wipes)
    {
        if (wipes)
            DurableFile.Replace(Wipe.MarkIn(store.StateFolder), "wipe"u8);
        IsAsked = true;
        life.StopApplication();
    }
}
