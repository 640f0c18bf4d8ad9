using System.Diagnostics;
using System.Reflection;

namespace EdgeFleet.Agent.Hosting;

/// <summary>The agent as a program to start for a task of its own, with the arguments before the task's.</summary>
internal sealed record AgentProgram(string File, IReadOnlyList<string> Before)
{
    /// <summary>This very program: the binary itself, or <c>dotnet edgefleet-agent.dll</c> when it was started so.</summary>
    public static AgentProgram Current()
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        return Path.GetFileNameWithoutExtension(process) == "dotnet"
            ? new AgentProgram(process, [Path.Combine(AppContext.BaseDirectory, $"{Assembly.GetExecutingAssembly().GetName().Name}.dll")])
            : new AgentProgram(process, []);
    }

    /// <summary>This program started by another one, which gets it as its last arguments; itself when there is none.</summary>
    public AgentProgram StartedBy(IReadOnlyList<string> starter) => starter.Count > 0 ? new AgentProgram(starter[0], [.. starter.Skip(1), File, .. Before]) : this;

    /// <summary>A call of this program with arguments.</summary>
    public ProcessStartInfo Call(IEnumerable<string> args) => new(File, [.. Before, .. args]);
}
