using EdgeFleet.SimulatedFleets;

namespace EdgeFleet.ControlPlane.Tests.Rollouts.Evidence;

/// <summary>The short form of the benchmark: a hundred boards, a few seeds of each kind.</summary>
public sealed class FleetTrialTests
{
    private const int Boards = 100;
    private static readonly IReadOnlyList<int> Seeds = [.. Enumerable.Range(1, 20)];

    public static TheoryData<string> BadKinds => [.. ModelBehaviour.Bad.Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(BadKinds))]
    public void A_bad_release_is_halted_before_more_than_a_twentieth_ran_it(string name)
    {
        var results = Seeds.Select(seed => FleetTrial.Run(new Scenario { Boards = Boards, Model = ModelBehaviour.Bad.Single(b => b.Name == name), Seed = seed })).ToList();
        Assert.All(results, r => Assert.True(r.IsHalted, r.ToString()));
        // Five boards of which one fails may be one flaky board: a release that crashes on most comes past them now and then.
        Assert.InRange(results.Count(r => r.Activated > Boards / 20), 0, 1);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100)]
    public void A_good_release_goes_to_all(int boards) => Assert.All(Seeds, seed =>
    {
        var result = FleetTrial.Run(new Scenario { Boards = boards, Model = ModelBehaviour.Good, Seed = seed });
        Assert.True(result.IsDone, $"seed {seed}: {result}");
    });

    [Fact]
    public void Drift_of_the_inputs_blames_no_model() =>
        Assert.All(Seeds, seed => Assert.True(FleetTrial.Run(new Scenario { Boards = Boards, Model = ModelBehaviour.Good, Seed = seed, InputsDrift = true }).IsDone));

    [Fact]
    public void One_flaky_board_stops_nobody() =>
        Assert.All(Seeds, seed => Assert.True(FleetTrial.Run(new Scenario { Boards = Boards, Model = ModelBehaviour.Good, Seed = seed, HasFlakyBoard = true }).IsDone));

    [Fact]
    public void A_fleet_that_is_silent_as_a_whole_stays_in_its_first_wave()
    {
        var result = FleetTrial.Run(new Scenario { Boards = Boards, Model = ModelBehaviour.Good, Seed = 1, IsSilent = true });
        Assert.Equal(("open", 1), (result.Ending, result.Waves));
    }

    [Fact]
    public void Thirty_of_a_hundred_there_and_all_of_them_failing_halts() =>
        Assert.True(FleetTrial.Run(new Scenario { Boards = Boards, Model = ModelBehaviour.CrashesAlways, Seed = 1, AwayShare = 0.7, AwayForEver = true }).IsHalted);

    [Fact]
    public void The_same_seed_gives_the_same_trial()
    {
        var scenario = new Scenario { Boards = 50, Model = ModelBehaviour.Bad[3], Seed = 7 };
        Assert.Equal(FleetTrial.Run(scenario), FleetTrial.Run(scenario));
    }
}
