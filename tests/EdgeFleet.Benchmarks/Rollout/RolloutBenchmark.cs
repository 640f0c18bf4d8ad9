using System.Diagnostics;
using System.Globalization;
using EdgeFleet.SimulatedFleets;

namespace EdgeFleet.Benchmarks.Rollout;

/// <summary>
/// The default plan over simulated fleets: good releases go to all, each bad kind is halted before many boards ran it, drift of the inputs blames nobody, silence promotes nothing. Then boards
/// with a TLS connection each, against the real control plane.
/// </summary>
internal static class RolloutBenchmark
{
    private const int SeedsDefault = 200;

    // Parameters were chosen on seeds from 1 on; figures are of others.
    private const int SeedFirstDefault = 500_001;
    private const double PromotedMin = 0.98;
    private const double HaltedMin = 0.95;
    private const double ActivatedMax = 0.05;
    private const int ActivatedFrom = 100;
    private static readonly int[] Sizes = [10, 100, 1000, 10_000];

    /// <summary>Runs it. Arguments: seeds of each cell, the first seed, and <c>trials</c> or <c>links</c> for one half alone.</summary>
    public static async Task<bool> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var numbers = arguments.Where(a => int.TryParse(a, out _)).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToList();
        var (seeds, first) = (numbers.ElementAtOrDefault(0) is > 0 and var n ? n : SeedsDefault, numbers.ElementAtOrDefault(1) is > 0 and var f ? f : SeedFirstDefault);
        var watch = Stopwatch.StartNew();
        var trials = arguments.Contains("links") || Trials(seeds, first, cancel);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"trials took {watch.Elapsed.TotalMinutes:0.0} min"));
        var links = arguments.Contains("trials") || await LinkedFleet.RunAsync(Sizes[^1], cancel);
        Console.WriteLine($"rollout: trials {Word("links", trials)}, {Sizes[^1]} boards with TLS told in a minute {Word("trials", links)} {(trials && links ? "ok" : "short")}");
        return trials && links;

        string Word(string other, bool holds) => arguments.Contains(other) ? "skipped" : holds ? "hold" : "do not hold";
    }

    private static bool Trials(int seeds, int first, CancellationToken cancel)
    {
        Console.WriteLine($"{seeds} seeds from {first} on; a board's own change from day to day scatters by 5 % (latency), 4 % (energy), 1.5 points (confidence)");
        Console.WriteLine($"  {"release",-30} {"boards",7} {"done",7} {"halted",7} {"open",6} {"activated, mean",16} {"over 5 %",9} {"hours, median",14} {"slowest",8}");
        var holds = true;
        foreach (var size in Sizes)
        {
            holds &= Cell("good", size, seeds, first, s => new Scenario { Boards = size, Model = ModelBehaviour.Good, Seed = s }, cancel) is var good && good.Done >= PromotedMin;
            holds &= Cell("good, inputs drift", size, seeds, first, s => new Scenario { Boards = size, Model = ModelBehaviour.Good, Seed = s, InputsDrift = true }, cancel).Done >= PromotedMin;
            foreach (var bad in ModelBehaviour.Bad)
            {
                var cell = Cell(bad.Name, size, seeds, first, s => new Scenario { Boards = size, Model = bad, Seed = s }, cancel);
                holds &= cell.Halted >= HaltedMin && (size < ActivatedFrom || cell.OverShare <= 1 - HaltedMin);
            }

            holds &= Cell("good, one flaky board", size, seeds, first, s => new Scenario { Boards = size, Model = ModelBehaviour.Good, Seed = s, HasFlakyBoard = true }, cancel).Done >= PromotedMin;
        }

        var few = Math.Max(1, seeds / 10);
        holds &= Cell("good, all silent", 100, few, first, s => new Scenario { Boards = 100, Model = ModelBehaviour.Good, Seed = s, IsSilent = true }, cancel) is { Waves: 1, Done: 0, Halted: 0 };
        holds &= Cell("crashes always, 30 of 100 there", 100, few, first, s => new Scenario { Boards = 100, Model = ModelBehaviour.CrashesAlways, Seed = s, AwayShare = 0.7, AwayForEver = true }, cancel).Halted >= 1;
        return holds;
    }

    private static CellResult Cell(string name, int size, int seeds, int first, Func<int, Scenario> scenario, CancellationToken cancel)
    {
        var results = new TrialResult[seeds];
        Parallel.For(0, seeds, new ParallelOptions { CancellationToken = cancel }, i => results[i] = FleetTrial.Run(scenario(first + i)));
        double Share(Func<TrialResult, bool> holds) => (double)results.Count(holds) / seeds;
        var cell = new CellResult(Share(r => r.IsDone), Share(r => r.IsHalted), Share(r => r.Activated > ActivatedMax * size), results.Max(r => r.Waves));
        var hours = results.Select(r => r.Hours).Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {name,-30} {size,7} {100 * cell.Done,7:0.0} {100 * cell.Halted,7:0.0} {100 * (1 - cell.Done - cell.Halted),6:0.0} {100.0 * results.Average(r => r.Activated) / size,14:0.00} % {100 * cell.OverShare,7:0.0} % {hours[hours.Count / 2],14:0.0} {hours[^1],8:0.0}"));
        foreach (var odd in results.Where(r => !r.IsDone && !r.IsHalted).Concat(name.StartsWith("good", StringComparison.Ordinal) ? results.Where(r => r.IsHalted) : []).Take(2))
            Console.WriteLine($"      {odd.Ending}: {odd.Why}");
        return cell;
    }

    private sealed record CellResult(double Done, double Halted, double OverShare, int Waves);
}
