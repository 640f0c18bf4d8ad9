using EdgeFleet.Agent.Updates;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>What deaths and power cuts are charged to. That any end of the process leads where the update was going is in <see cref="KillMatrixTests"/>.</summary>
public sealed class UpdateCrashTests
{
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));
    private static readonly Wish Wished = new(V2.Ref, 1, 5);

    [Fact]
    public async Task The_third_death_in_probation_rolls_back()
    {
        await using var board = Board();
        board.SamplesCome = false;
        await board.StartAsync(wish: Wished);
        await board.UntilAsync<Probation>();
        for (var death = 1; death <= 2; death++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.Crash, Wished);
            Assert.Equal(death, Assert.IsType<Probation>(board.State).Crashes);
            Assert.Equal(V2.Ref, board.Host.Active!.Package);
        }

        await board.KillAsync();
        await board.StartAsync(LastEnd.Crash, Wished);
        await board.UntilAsync<RolledBack>();
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
        Assert.DoesNotContain("colours@2.0.0", board.Host.Served);
    }

    [Fact]
    public async Task Power_cuts_in_probation_are_not_charged_to_the_model()
    {
        await using var board = Board();
        board.SamplesCome = false;
        await board.StartAsync(wish: Wished);
        await board.UntilAsync<Probation>();
        for (var cut = 0; cut < 8; cut++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.PowerCut, Wished);
            Assert.Equal(0, Assert.IsType<Probation>(board.State).Crashes);
        }

        board.SamplesCome = true;
        await board.UntilAsync<Committed>();
    }

    [Fact]
    public async Task A_board_that_goes_dark_whenever_it_loads_the_model_gives_it_up()
    {
        await using var board = Board();
        board.SamplesCome = false;
        await board.StartAsync(wish: Wished);
        await board.UntilAsync<Probation>();
        for (var cut = 0; cut <= board.Options.StartsMax; cut++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.PowerCut, Wished);
        }

        var back = await board.UntilAsync<RolledBack>();
        Assert.Contains("without getting further", back.Reason, StringComparison.Ordinal);
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
    }

    [Fact]
    public async Task A_committed_model_that_kills_the_agent_again_and_again_is_left_unloaded_until_another_is_wished()
    {
        await using var board = Board();
        board.SamplesCome = false;
        for (var death = 0; death <= board.Options.StartsMax; death++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.Crash);
        }

        Assert.Null(board.Host.Active);
        Assert.Contains(board.Health.Warnings, w => w.Code == "model-kills-agent");
        board.SamplesCome = true;
        board.Worker.Offer(Wished);
        await board.UntilAsync(s => s is Committed c && c.Target.Package == V2.Ref);
    }

    [Fact]
    public async Task A_stop_in_order_lets_the_committed_model_try_again()
    {
        await using var board = Board();
        board.SamplesCome = false;
        for (var death = 0; death <= board.Options.StartsMax; death++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.Crash);
        }

        await board.KillAsync();
        await board.StartAsync(LastEnd.Clean);
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
    }

    [Fact]
    public async Task Answered_samples_clear_the_count_of_starts()
    {
        await using var board = Board();
        await board.StartAsync(LastEnd.Crash);
        await board.UntilAsync(_ => board.Worker.Ledger.Record.Starts == 0);
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
    }

    private static SimulatedBoard Board()
    {
        var board = new SimulatedBoard();
        board.Server.Serve(V2);
        board.Install(V1);
        return board;
    }
}
