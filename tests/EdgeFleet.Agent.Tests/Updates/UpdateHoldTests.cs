using EdgeFleet.Agent.Updates;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>A board that is hot or low on battery lets updates wait, and fails none for it.</summary>
public sealed class UpdateHoldTests : IAsyncLifetime
{
    private const string Hot = "The board is too hot.";
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));
    private static readonly TestPackage V3 = TestPackage.Build(TestPackageSpec.Colours("3.0.0"));

    private readonly SimulatedBoard _board = new();

    public ValueTask InitializeAsync()
    {
        _board.Server.Serve(V1);
        _board.Server.Serve(V2);
        _board.Server.Serve(V3);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _board.DisposeAsync();

    [Fact]
    public async Task A_download_waits_says_why_and_goes_on_by_itself()
    {
        _board.Install(V1);
        _board.Hold.Set(Hot);
        await _board.StartAsync(wish: Wish(V2));
        await HeldAsync();
        Assert.Equal(("Downloading", Hot, null), (_board.Worker.Describe().State, _board.Worker.Describe().Held, _board.Worker.Describe().Reason));
        Assert.Empty(_board.Server.Requests);

        _board.Hold.Set(null);
        await CommittedAsync(V2);
        Assert.Null(_board.Worker.Describe().Held);
        Assert.DoesNotContain(_board.Records.Changes, c => c.Failure is not null);
    }

    [Fact]
    public async Task What_waits_hears_a_new_wish()
    {
        _board.Install(V1);
        _board.Hold.Set(Hot);
        await _board.StartAsync(wish: Wish(V2));
        await HeldAsync();
        _board.Worker.Offer(Wish(V3));
        await _board.UntilAsync(s => s is Downloading d && d.Target.Package == V3.Ref && _board.Worker.Describe().Held is not null);
        _board.Worker.Offer(Wish(V1));
        await CommittedAsync(V1);
        Assert.Empty(_board.Server.Requests);
    }

    [Fact]
    public async Task Power_cuts_while_an_update_waits_give_nothing_up()
    {
        _board.Options = _board.Options with { StartsMax = 3 };
        _board.Install(V1);
        _board.Hold.Set(Hot);
        await _board.StartAsync(wish: Wish(V2));
        await HeldAsync();
        for (var i = 0; i < 6; i++)
        {
            await _board.KillAsync();
            await _board.StartAsync(LastEnd.PowerCut, Wish(V2));
            await HeldAsync();
        }

        _board.Hold.Set(null);
        await CommittedAsync(V2);
    }

    [Fact]
    public async Task The_way_back_never_waits()
    {
        _board.Install(V2, previous: V1);
        _board.Hold.Set(Hot);
        await _board.StartAsync(wish: Wish(V1));
        await CommittedAsync(V1);
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
    }

    [Fact]
    public async Task A_candidate_on_probation_is_rolled_back_however_hot_the_board_is()
    {
        _board.Install(V1);
        _board.P95Us[V2.Ref.Label] = 2_000_000;
        _board.SamplesCome = false;
        await _board.StartAsync(wish: Wish(V2));
        await _board.UntilAsync<Probation>();
        _board.Hold.Set(Hot);
        _board.SamplesCome = true;
        await _board.UntilAsync<RolledBack>();
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
    }

    [Theory]
    [InlineData("Downloading", true)]
    [InlineData("Verifying", false)]
    [InlineData("Rehearsing", true)]
    [InlineData("Shadowing", true)]
    [InlineData("Activating", false)]
    [InlineData("Probation", false)]
    [InlineData("RollingBack", false)]
    public void Only_steps_that_cost_power_and_change_nothing_yet_wait(string name, bool waits)
    {
        var wish = Wish(V2);
        UpdateState[] states =
        [
            new Downloading(wish, 1), new Verifying(wish), new Rehearsing(wish), new Shadowing(wish), new Activating(wish, 0, null), new Probation(wish, 0, new ProbationWatch(), null),
            new RollingBack(wish, "Slow.", null),
        ];
        var state = states.Single(s => s.Name == name);
        Assert.Equal(waits, UpdateHold.Concerns(state, new Serving(V1.Ref, null)));
        Assert.False(UpdateHold.Concerns(state, new Serving(V1.Ref, V2.Ref)));
    }

    private static Wish Wish(TestPackage package) => new(package.Ref, 1, 1);

    private async Task HeldAsync() => await _board.UntilAsync(_ => _board.Worker.Describe().Held is not null);

    private async Task CommittedAsync(TestPackage package) => await _board.UntilAsync(s => s is Committed c && c.Target.Package == package.Ref);
}
