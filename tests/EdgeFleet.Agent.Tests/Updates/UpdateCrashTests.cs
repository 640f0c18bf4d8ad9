using EdgeFleet.Agent.Updates;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>The process ends before or after every write of an update, by a power cut or by a death, and is started again.</summary>
public sealed class UpdateCrashTests
{
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));

    // Writes of an update without a fault, found by running it; a test below holds the table to it.
    private static readonly Dictionary<string, int> WritesOf = new() { ["good"] = 10, ["slow"] = 10, ["collapsed"] = 4, ["back"] = 6 };

    public static TheoryData<string, string, int, bool> EveryCrashPoint()
    {
        var points = new TheoryData<string, string, int, bool>();
        foreach (var (story, writes) in WritesOf)
        {
            foreach (var end in new[] { nameof(LastEnd.PowerCut), nameof(LastEnd.Crash) })
            {
                for (var write = 0; write < writes; write++)
                {
                    points.Add(story, end, write, false);
                    points.Add(story, end, write, true);
                }
            }
        }

        return points;
    }

    [Theory, MemberData(nameof(EveryCrashPoint))]
    public async Task An_end_anywhere_still_leads_where_the_update_was_going(string story, string end, int write, bool after)
    {
        await using var board = BoardFor(story);
        board.CutAt = (write, after);
        await board.StartAsync(wish: WishOf(story));
        Assert.False(await board.UntilAsync(_ => false), $"Write {write} of '{story}' did not come.");
        await board.KillAsync();
        board.CutAt = null;

        await board.StartAsync(Enum.Parse<LastEnd>(end), WishOf(story));
        await SettleAsync(board, story);
    }

    [Theory]
    [InlineData("good")]
    [InlineData("slow")]
    [InlineData("collapsed")]
    [InlineData("back")]
    public async Task The_table_of_crash_points_covers_every_write(string story)
    {
        await using var board = BoardFor(story);
        await board.StartAsync(wish: WishOf(story));
        await SettleAsync(board, story);
        Assert.Equal(WritesOf[story], board.Writes);
    }

    [Fact]
    public async Task The_third_death_in_probation_rolls_back()
    {
        await using var board = BoardFor("good");
        board.SamplesCome = false;
        await board.StartAsync(wish: WishOf("good"));
        await board.UntilAsync<Probation>();
        for (var death = 1; death <= 2; death++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.Crash, WishOf("good"));
            Assert.Equal(death, Assert.IsType<Probation>(board.State).Crashes);
            Assert.Equal(V2.Ref, board.Host.Active!.Package);
        }

        await board.KillAsync();
        await board.StartAsync(LastEnd.Crash, WishOf("good"));
        await board.UntilAsync<RolledBack>();
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
        Assert.DoesNotContain("colours@2.0.0", board.Host.Served);
    }

    [Fact]
    public async Task Power_cuts_in_probation_are_not_charged_to_the_model()
    {
        await using var board = BoardFor("good");
        board.SamplesCome = false;
        await board.StartAsync(wish: WishOf("good"));
        await board.UntilAsync<Probation>();
        for (var cut = 0; cut < 8; cut++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.PowerCut, WishOf("good"));
            Assert.Equal(0, Assert.IsType<Probation>(board.State).Crashes);
        }

        board.SamplesCome = true;
        await board.UntilAsync<Committed>();
    }

    [Fact]
    public async Task A_board_that_goes_dark_whenever_it_loads_the_model_gives_it_up()
    {
        await using var board = BoardFor("good");
        board.SamplesCome = false;
        await board.StartAsync(wish: WishOf("good"));
        await board.UntilAsync<Probation>();
        for (var cut = 0; cut <= board.Options.StartsMax; cut++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.PowerCut, WishOf("good"));
        }

        var back = await board.UntilAsync<RolledBack>();
        Assert.Contains("without getting further", back.Reason, StringComparison.Ordinal);
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
    }

    [Fact]
    public async Task A_committed_model_that_kills_the_agent_again_and_again_is_left_unloaded_until_another_is_wished()
    {
        await using var board = BoardFor("good");
        board.SamplesCome = false;
        for (var death = 0; death <= board.Options.StartsMax; death++)
        {
            await board.KillAsync();
            await board.StartAsync(LastEnd.Crash);
        }

        Assert.Null(board.Host.Active);
        Assert.Contains(board.Health.Warnings, w => w.Code == "model-kills-agent");
        board.SamplesCome = true;
        board.Worker.Offer(WishOf("good"));
        await board.UntilAsync(s => s is Committed c && c.Target.Package == V2.Ref);
    }

    [Fact]
    public async Task A_stop_in_order_lets_the_committed_model_try_again()
    {
        await using var board = BoardFor("good");
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
        await using var board = BoardFor("good");
        await board.StartAsync(LastEnd.Crash);
        await board.UntilAsync(_ => board.Worker.Ledger.Record.Starts == 0);
        Assert.Equal(V1.Ref, board.Host.Active!.Package);
    }

    private static SimulatedBoard BoardFor(string story)
    {
        var board = new SimulatedBoard();
        board.Server.Serve(V2);
        if (story == "back")
            board.Install(V1, previous: V2);
        else
            board.Install(V1);
        if (story == "slow")
            board.P95Us[V2.Ref.Label] = 2_000_000;
        if (story == "collapsed")
            board.Rehearsal = SimulatedBoard.Prints("""{"passed":false,"summary":"It collapsed.","failure":"Deterministic"}""", 1);
        return board;
    }

    private static Wish WishOf(string _) => new(V2.Ref, 1, 5);

    private static async Task SettleAsync(SimulatedBoard board, string story)
    {
        switch (story)
        {
            case "slow":
                await board.UntilAsync<RolledBack>();
                Assert.Equal(V1.Ref, board.Host.Active!.Package);
                break;
            case "collapsed":
                await board.UntilAsync<Rejected>();
                Assert.Equal(V1.Ref, board.Host.Active!.Package);
                break;
            default:
                await board.UntilAsync(s => s is Committed c && c.Target.Package == V2.Ref);
                Assert.Equal(V2.Ref, board.Host.Active!.Package);
                break;
        }
    }
}
