using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>Lets a variant answer the golden set, and judges answers, latency and memory. Runs in the rehearsing process only.</summary>
internal sealed class Rehearser(ContentStore packages, long memoryMb, TimeSpan limit, Func<Variant, SessionSettings> settingsOf)
{
    private const int WarmUpRuns = 3;
    private const int TimedRunsMin = 30;
    private const int SourcesPrepared = 3;
    private static readonly TimeSpan MoreRunsMax = TimeSpan.FromSeconds(5);

    private readonly long _started = Stopwatch.GetTimestamp();
    private bool _isOneThread;

    /// <summary>Rehearses a variant.</summary>
    /// <exception cref="ManifestException">The manifest is faulty.</exception>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the variant.</exception>
    /// <exception cref="OnnxRuntimeException">A run failed.</exception>
    /// <exception cref="InvalidDataException">The golden set is faulty.</exception>
    public RehearsalReport Rehearse(Sha256Digest manifestDigest, string variantName)
    {
        var manifest = ManifestReader.Read(File.ReadAllBytes(packages.PathOf(manifestDigest)));
        var variant = manifest.Variants.FirstOrDefault(v => v.Name == variantName) ?? throw new InvalidDataException($"The manifest has no variant '{variantName}'.");
        var golden = JsonSerializer.Deserialize(File.ReadAllBytes(packages.PathOf(manifest.Golden.Digest)), WireJson.Default.GoldenSet)
            ?? throw new InvalidDataException("The golden set is 'null'.");
        using var inputs = GoldenInputs.Open(golden, manifest.Input, file => packages.PathOf(file.Digest));
        // A model is only as good as what it is fed: this board must make the same tensors of the same photos as the machine that packed them.
        foreach (var item in Enumerable.Range(0, golden.Items.Count).Where(i => golden.Items[i] is { Source: not null, Prepared: null }).Take(SourcesPrepared))
            inputs.CheckShipped(item);

        var before = RehearsalLimits.AnonymousBytes();
        var settings = settingsOf(variant);
        using var session = ModelSession.Load(packages.PathOf(variant.File.Digest), manifest.Input, manifest.Output, settings);
        _isOneThread = settings.Threads == 1;
        var (answers, times) = Answer(session, AnswerReader.For(manifest.Input, manifest.Output), golden, inputs);
        var memory = Math.Max(0, RehearsalLimits.AnonymousBytes() - before) / (1024.0 * 1024);
        return Judge(manifest, golden, answers, times, memory);
    }

    private (List<KeptAnswer?> Answers, List<double> Ms) Answer(ModelSession session, AnswerReader reader, GoldenSet golden, GoldenInputs inputs)
    {
        using var options = new RunOptions();
        var answers = new List<KeptAnswer?>(golden.Items.Count);
        var times = new List<double>(golden.Items.Count);
        for (var i = 0; i < golden.Items.Count && Stopwatch.GetElapsedTime(_started) < limit; i++)
        {
            inputs.Fill(i, session.Input);
            for (var warm = 0; i == 0 && warm < WarmUpRuns && Stopwatch.GetElapsedTime(_started) < limit / 4; warm++)
                session.Run(options);

            times.Add(Time(session, options));
            answers.Add(KeptAnswer.Of(reader.Read(session), session));
        }

        var more = Stopwatch.GetTimestamp();
        while (times.Count < TimedRunsMin && answers.Count == golden.Items.Count && Stopwatch.GetElapsedTime(more) < MoreRunsMax && Stopwatch.GetElapsedTime(_started) < limit)
            times.Add(Time(session, options));

        return (answers, times);
    }

    private double Time(ModelSession session, RunOptions options)
    {
        var (wall, cpu) = (Stopwatch.GetTimestamp(), RehearsalLimits.ThreadCpu());
        session.Run(options);
        return _isOneThread ? (RehearsalLimits.ThreadCpu() - cpu).TotalMilliseconds : Stopwatch.GetElapsedTime(wall).TotalMilliseconds;
    }

    private RehearsalReport Judge(Manifest manifest, GoldenSet golden, List<KeptAnswer?> answers, List<double> times, double memoryMbUsed)
    {
        times.Sort();
        var p95 = times[(int)Math.Ceiling(times.Count * 0.95) - 1];
        var budget = manifest.Budgets.P95LatencyMs;
        var report = new RehearsalReport { Passed = false, Summary = "", Failure = FailureKind.Deterministic, Items = golden.Items.Count, P95LatencyMs = p95, MemoryMb = memoryMbUsed };
        if (answers.Count < golden.Items.Count)
        {
            return report with
            {
                Summary = Say($"It answered only {answers.Count} of {golden.Items.Count} golden items in {limit.TotalSeconds:0} s, {p95:0.0} ms a run (budget {budget:0.#} ms)."),
            };
        }

        var verdict = GoldenJudge.Judge(golden, manifest.Output, answers);
        report = report with { Agreed = verdict.Agreed };
        if (!verdict.Passed)
            return report with { Summary = $"It {verdict.Summary}" };
        if (p95 > budget)
            return report with { Summary = Say($"It takes {p95:0.0} ms (p95 of {times.Count} runs on this board); its budget is {budget:0.#} ms.") };
        if (memoryMbUsed > memoryMb)
            return report with { Summary = Say($"It takes {memoryMbUsed:0} MB; its budget is {memoryMb} MB.") };

        return report with { Passed = true, Failure = null, Summary = Say($"It {verdict.Summary} p95 {p95:0.0} ms of {budget:0.#}, {memoryMbUsed:0} MB of {memoryMb}.") };
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
