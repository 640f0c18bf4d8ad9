using EdgeFleet.Agent.Updates;
using EdgeFleet.ModelPrep.Deltas;
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

    /// <summary>Two versions of a model that is large enough for a delta, which <see cref="Delta"/> is.</summary>
    public static readonly TestPackage Large1 = Large(11);
    public static readonly TestPackage Large2 = Large(12);

    /// <summary>The files of the two, and the delta from one to the other.</summary>
    public static readonly (Sha256Digest From, Sha256Digest To) LargeFiles = (Large1.Manifest.Variants[0].File.Digest, Large2.Manifest.Variants[0].File.Digest);
    public static readonly byte[] Delta = DeltaMaker.Make(Large1.ByDigest[LargeFiles.From], Large2.ByDigest[LargeFiles.To]);

    /// <summary>Passes a rehearsal that looks away, and then answers with nothing that is a number.</summary>
    public static readonly TestPackage Faulty = TestPackage.Build(TestPackageSpec.Colours("9.0.0", TinyModel.OfColours() with { NotANumber = true }) with { Budgets = Wide });

    /// <summary>The neighbour's model.</summary>
    public static readonly TestPackage Neighbour = Good(7);

    /// <summary>Packages that may serve at the end.</summary>
    public static readonly IReadOnlyList<TestPackage> Verified = [V0, V1, V2, V3, Large1, Large2];

    /// <summary>All of them, listed and signed.</summary>
    public static readonly SignedPackages Signed = SignedPackages.Of([.. Verified, Faulty]);

    /// <summary>Limits of updates, in seconds of the board's own hurried time.</summary>
    public static readonly UpdateOptions Options = new()
    {
        EvidenceSeconds = 0, ProbationSeconds = 3, ProbationSamplesMin = 20, BackoffSecondsFirst = 0.05, BackoffSecondsMax = 0.5,
        DownloadAttemptsMax = 3, StallSeconds = 20, AnswerSeconds = 20, SwapSeconds = 20, RehearsalSeconds = 20, SpaceReserveMb = 0, StepSeconds = 200,
    };

    private static TestPackage Good(int version) => Build(version, TinyModel.OfColours());

    private static TestPackage Large(int version) => Build(version, TinyModel.OfColours() with { Ballast = (5_000, 1) });

    private static TestPackage Build(int version, TinyModel model) =>
        TestPackage.Build(TestPackageSpec.Colours($"{version}.0.0", model with { Gain = 20 + version }) with { Budgets = Wide });
}
