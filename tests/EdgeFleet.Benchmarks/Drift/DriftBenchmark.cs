using System.Globalization;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Benchmarks.Drift;

/// <summary>
/// Drift as boards judge it: false alarms on streams without drift, power, and real coffee photos that are darkened, tinted, blurred or of whole leaves. The figures of
/// the textbook on the very same windows stand beside ours.
/// </summary>
internal static class DriftBenchmark
{
    private const int Trials = 1000;
    private const double FalseAlarmsMax = 0.03;
    private const double PowerMin = 0.75;

    public static Task<bool> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var seeds = arguments.Count == 0 ? [1] : arguments.Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToArray();
        var holds = true;
        var (worst, power) = (0.0, 1.0);
        foreach (var seed in seeds)
        {
            Console.WriteLine($"seed {seed}, {Trials} trials each, windows of {DriftTrial.Length}, baselines of {DriftTrial.Windows} windows, nominal 1 %");
            Console.WriteLine($"  {"baseline, stream",-46} {"ours",7} {"bound",7} {"2 of 3",7} | {"PSI>.1",7} {"KS<.05",7} {"JS>.1",7}");
            foreach (var cell in Cells)
            {
                var result = Run(cell, seed, cancel);
                Print(cell, result);
                if (cell.Shift == 0 && cell.IsJudged)
                    worst = Math.Max(worst, result.UpperBound);
                if (cell.Shift != 0 && cell.IsJudged)
                    power = Math.Min(power, result.Ours);
            }
        }

        holds &= worst <= FalseAlarmsMax && power >= PowerMin;
        var photos = PhotoDrift.Run(cancel);
        holds &= photos is not false;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"drift: false alarms at most {100 * worst:0.00} % (bound), power {100 * power:0.0} %, photos {photos switch { true => "named", false => "not all named", null => "skipped" }} {(holds ? "ok" : "short")}"));
        return Task.FromResult(holds);
    }

    private static readonly Cell[] Cells =
    [
        new("independent, independent", 0, 0, 0),
        new("AR(1) 0.9, the same", 0.9, 0.9, 0),
        new("independent, AR(1) 0.9", 0, 0.9, 0),
        new("AR(1) 0.99, the same", 0.99, 0.99, 0),
        new("independent, AR(1) 0.99", 0, 0.99, 0, IsJudged: false),
        new("AR(1) 0.9, the same, 15 features", 0.9, 0.9, 0, Features: 15),
        new("AR(1) 0.9, the same, half a sigma", 0.9, 0.9, 0.5),
        new("AR(1) 0.9, 15 features, half a sigma in one", 0.9, 0.9, 0.5, Features: 15, IsJudged: false),
        new("independent, 0.15 sigma", 0, 0, 0.15, IsJudged: false),
    ];

    private static CellResult Run(Cell cell, int seed, CancellationToken cancel)
    {
        var outcomes = new DriftOutcome[Trials];
        Parallel.For(0, Trials, new ParallelOptions { CancellationToken = cancel }, t => outcomes[t] = DriftTrial.Run(cell, unchecked(seed * 1_000_003 + t)));
        double Share(Func<DriftOutcome, bool> alarmed) => (double)outcomes.Count(alarmed) / Trials;
        return new CellResult(Share(o => o.First), Wilson.UpperBound(outcomes.Count(o => o.First), Trials), Share(o => o.Voted), Share(o => o.Psi), Share(o => o.Ks), Share(o => o.Js));
    }

    private static void Print(Cell cell, CellResult r) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {cell.Name + (cell.IsJudged ? "" : " (shown)"),-46} {100 * r.Ours,7:0.0} {100 * r.UpperBound,7:0.00} {100 * r.Voted,7:0.0} | {100 * r.Psi,7:0.0} {100 * r.Ks,7:0.0} {100 * r.Js,7:0.0}"));

    private sealed record CellResult(double Ours, double UpperBound, double Voted, double Psi, double Ks, double Js);
}

/// <summary>One kind of trial.</summary>
internal sealed record Cell(string Name, double Baseline, double Stream, double Shift, int Features = 1, bool IsJudged = true);
