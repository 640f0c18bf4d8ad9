using System.Diagnostics;
using System.Globalization;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Sources.Commands;

public sealed class SourceExecTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static string AgentCommand => string.Join(' ', CommandBench.Agent.Before.Prepend(CommandBench.Agent.File));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_program_dies_with_the_agent_even_when_that_is_killed()
    {
        // A shell in the agent's place, which names itself as the parent.
        await using var parent = LocalProcess.Start(["sh", "-c", $"{AgentCommand} {SourceExecCommand.Verb} $$ sh -c 'echo $$; exec sleep 1000' & wait"], _folder["log"]);
        await Eventually.IsAsync(() => parent.Output.Contains('\n'), "the program", TimeSpan.FromSeconds(30), Cancel);
        using var program = Process.GetProcessById(int.Parse(parent.Output.Trim(), CultureInfo.InvariantCulture));

        await parent.KillAsync();

        await program.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel);
    }

    [Fact]
    public async Task The_program_has_a_group_of_its_own_and_is_not_started_for_a_parent_that_is_gone()
    {
        var (code, output, _) = await LocalProcess.RunAsync(
            ["sh", "-c", $"{AgentCommand} {SourceExecCommand.Verb} $$ sh -c 'echo $$; cut -d\" \" -f5 /proc/$$/stat; kill -PIPE $$; echo survived'; echo $?"], TimeSpan.FromSeconds(30), Cancel);
        var orphan = await LocalProcess.RunAsync(["sh", "-c", $"{AgentCommand} {SourceExecCommand.Verb} 1 echo started; echo $?"], TimeSpan.FromSeconds(30), Cancel);

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, lines[0]), (code, lines[1]));
        Assert.Equal("141", lines[^1]);
        Assert.Equal("127\n", orphan.Output);
    }

    [Fact]
    public async Task A_program_that_cannot_be_started_is_named()
    {
        var (_, _, all) = await LocalProcess.RunAsync(["sh", "-c", $"{AgentCommand} {SourceExecCommand.Verb} $$ {_folder["nothing"]}; echo $?"], TimeSpan.FromSeconds(30), Cancel);

        Assert.Contains($"{_folder["nothing"]} was not started: No such file or directory.", all, StringComparison.Ordinal);
        Assert.Contains("127", all, StringComparison.Ordinal);
    }
}
