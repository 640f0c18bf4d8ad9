using System.Globalization;
using System.Text.Json;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>
/// <c>edgefleet-agent rehearse --packages DIR --manifest DIGEST --variant NAME --memory-mb N [--slack-mb N] [--seconds N] [--threads N] [--parent PID]
/// [--runtime JSON] [--against DIGEST --against-variant NAME]</c>: lets a candidate answer its golden set in this process and prints a <see cref="RehearsalReport"/> as one line of
/// JSON; with <c>--against</c> lets another package answer it too, in turns, and prints a <see cref="EdgeFleet.Shared.Models.Evidence.CandidateEvidence"/>.
/// </summary>
internal static class RehearseCommand
{
    private const long Mb = 1024 * 1024;

    /// <summary>Runs the command.</summary>
    /// <returns>0 passed, 1 refused, 2 wrong arguments, 3 the parent is gone.</returns>
    public static Task<int> RunAsync(string[] args) => Task.FromResult(Run(args, Console.Out, Console.Error));

    private static int Run(string[] args, TextWriter output, TextWriter error)
    {
        if (Arguments.TryParse(args) is not { } a)
        {
            error.WriteLine("usage: edgefleet-agent rehearse --packages DIR --manifest DIGEST --variant NAME --memory-mb N [--slack-mb N] [--seconds N] [--threads N] [--parent PID] [--runtime JSON] [--against DIGEST --against-variant NAME]");
            return 2;
        }

        RehearsalReport report;
        try
        {
            // Before the limit: the agent has the library in memory already, so it counts for no candidate.
            if (a.Runtime.Library.Length > 0 && NativeRuntime.Use(a.Runtime.Library) is { } why)
                throw new IOException($"{a.Runtime.Library} is not what the agent found in it: {why}");
            RehearsalLimits.Apply((a.MemoryMb + a.SlackMb) * Mb, a.Parent);
            if (a.Against is { } against)
            {
                var evidence = new GoldenComparer(new ContentStore(a.Packages), TimeSpan.FromSeconds(a.Seconds), a.Threads, a.SettingsOf).Compare((a.Manifest, a.Variant), (against, a.AgainstVariant!));
                output.WriteLine(JsonSerializer.Serialize(evidence, WireJson.Default.CandidateEvidence));
                output.Flush();
                return 0;
            }

            report = new Rehearser(new ContentStore(a.Packages), a.MemoryMb, TimeSpan.FromSeconds(a.Seconds), a.SettingsOf).Rehearse(a.Manifest, a.Variant);
        }
        catch (Exception e) when (e is ManifestException or ModelLoadException or OnnxRuntimeException or JsonException or ImageException or InvalidDataException)
        {
            report = Refused(e.Message, FailureKind.Deterministic);
        }
        catch (OutOfMemoryException)
        {
            report = Refused($"It needs more than its {a.MemoryMb} MB.", FailureKind.Deterministic);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            report = Refused($"The rehearsal could not run: {e.Message}", FailureKind.Local);
        }

        output.WriteLine(JsonSerializer.Serialize(report, WireJson.Default.RehearsalReport));
        output.Flush();
        return report.Passed ? 0 : 1;
    }

    private static RehearsalReport Refused(string why, FailureKind failure) => new() { Passed = false, Summary = why, Failure = failure };

    private sealed record Arguments(string Packages, Sha256Digest Manifest, string Variant, long MemoryMb, long SlackMb, double Seconds, int Threads, int Parent, Sha256Digest? Against, string? AgainstVariant, RuntimeUse Runtime)
    {
        public SessionSettings SettingsOf(Variant variant) => Runtime.SettingsFor(variant, Threads);

        public static Arguments? TryParse(string[] args)
        {
            if (args.Length % 2 != 0)
                return null;

            var given = args.Chunk(2).GroupBy(p => p[0]).ToDictionary(g => g.Key, g => g.Last()[1], StringComparer.Ordinal);
            long Number(string name, long or) =>
                given.TryGetValue(name, out var text) ? (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : -1) : or;
            var (memory, slack, seconds) = (Number("--memory-mb", -1), Number("--slack-mb", 64), Number("--seconds", 100));
            var (threads, parent) = (Number("--threads", 1), Number("--parent", 0));
            Sha256Digest? against = given.TryGetValue("--against", out var other) && Sha256Digest.TryParse(other, out var known) ? known : null;
            var againstVariant = given.GetValueOrDefault("--against-variant");
            var runtime = given.TryGetValue("--runtime", out var json) ? ReadRuntime(json) : new RuntimeUse();
            return given.ContainsKey("--against") == (against is not null && againstVariant is not null) && given.TryGetValue("--packages", out var packages) && given.TryGetValue("--variant", out var variant)
                && given.TryGetValue("--manifest", out var digest) && Sha256Digest.TryParse(digest, out var manifest)
                && runtime is not null && memory > 0 && slack >= 0 && seconds > 0 && threads is > 0 and < 1024 && parent is >= 0 and < int.MaxValue
                ? new Arguments(packages, manifest, variant, memory, slack, seconds, (int)threads, (int)parent, against, againstVariant, runtime)
                : null;
        }

        private static RuntimeUse? ReadRuntime(string json)
        {
            try
            {
                return JsonSerializer.Deserialize(json, RuntimeJson.Default.RuntimeUse);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
