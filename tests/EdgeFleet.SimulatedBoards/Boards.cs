using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.SimulatedBoards;

/// <summary>Names and packages of simulated boards.</summary>
internal static class Boards
{
    /// <summary>The slot under update.</summary>
    public static readonly SlotName Leaf = SlotName.Parse("leaf");

    /// <summary>The slot beside it, which must not notice.</summary>
    public static readonly SlotName Pump = SlotName.Parse("pump");

    private static readonly Budgets Wide = new() { P95LatencyMs = 60_000, MemoryMb = 512 };

    /// <summary>Good models, each with bytes of its own.</summary>
    public static readonly TestPackage V0 = Good(0);
    public static readonly TestPackage V1 = Good(1);
    public static readonly TestPackage V2 = Good(2);
    public static readonly TestPackage V3 = Good(3);

    /// <summary>Passes a rehearsal that looks away, and then answers with nothing that is a number.</summary>
    public static readonly TestPackage Faulty = TestPackage.Build(TestPackageSpec.Colours("9.0.0", TinyModel.OfColours() with { NotANumber = true }) with { Budgets = Wide });

    /// <summary>The neighbour's model.</summary>
    public static readonly TestPackage Neighbour = Good(7);

    /// <summary>Packages that may serve at the end.</summary>
    public static readonly IReadOnlyList<TestPackage> Verified = [V0, V1, V2, V3];

    /// <summary>Limits of updates, in seconds of the board's own hurried time.</summary>
    public static readonly UpdateOptions Options = new()
    {
        EvidenceSeconds = 0, ProbationSeconds = 3, ProbationSamplesMin = 20, BackoffSecondsFirst = 0.05, BackoffSecondsMax = 0.5,
        DownloadAttemptsMax = 3, StallSeconds = 20, AnswerSeconds = 20, SwapSeconds = 20, RehearsalSeconds = 20, SpaceReserveMb = 0, StepSeconds = 200,
    };

    private static TestPackage Good(int version) =>
        TestPackage.Build(TestPackageSpec.Colours($"{version}.0.0", TinyModel.OfColours() with { Gain = 20 + version }) with { Budgets = Wide });
}
