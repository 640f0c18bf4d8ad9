using System.Diagnostics;
using System.Text.Json;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>
/// Lets a candidate and the model that serves answer the candidate's golden set in turns, first one and then the other going first, so that what disturbs the
/// board hits both. Runs in a process of its own only.
/// </summary>
internal sealed class GoldenComparer(ContentStore packages, TimeSpan limit, int threads, Func<Variant, SessionSettings> settingsOf)
{
    private const int RunsWanted = 60;

    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>Compares.</summary>
    /// <param name="candidate">Manifest and variant of the candidate.</param>
    /// <param name="other">Manifest and variant of the model that serves.</param>
    /// <exception cref="InvalidDataException">The two do not take the same input, or a file is faulty.</exception>
    public CandidateEvidence Compare((Sha256Digest Manifest, string Variant) candidate, (Sha256Digest Manifest, string Variant) other)
    {
        var (mine, theirs) = (ManifestOf(candidate.Manifest), ManifestOf(other.Manifest));
        if (!TakesTheSame(mine.Input, theirs.Input))
            throw new InvalidDataException($"{mine.Name}@{mine.Version} and {theirs.Name}@{theirs.Version} take different input; nothing can be compared.");

        var golden = JsonSerializer.Deserialize(File.ReadAllBytes(packages.PathOf(mine.Golden.Digest)), WireJson.Default.GoldenSet)
            ?? throw new InvalidDataException("The golden set is 'null'.");
        using var inputs = GoldenInputs.Open(golden, mine.Input, file => packages.PathOf(file.Digest));
        using var first = Open(mine, candidate.Variant);
        using var second = Open(theirs, other.Variant);
        using var run = new RunOptions();
        var (firstReader, secondReader) = (AnswerReader.For(mine.Input, mine.Output), AnswerReader.For(theirs.Input, theirs.Output));
        var evidence = new PairedEvidence(EvidenceStage.Rehearsal, mine, theirs);
        Warm(first, second, run);
        // Every item once for the answers; further rounds are for the times alone.
        for (var round = 0; round == 0 || round * golden.Items.Count < RunsWanted; round++)
        {
            for (var i = 0; i < golden.Items.Count; i++)
            {
                if (Stopwatch.GetElapsedTime(_started) > limit)
                    return round > 0 ? evidence.Build() : throw new InvalidDataException("There was no time to compare all golden items.");
                inputs.Fill(i, first.Input);
                first.Input.CopyTo(second.Input);
                var swapped = (i + round) % 2 == 1;
                var early = Time(swapped ? second : first, run);
                var late = Time(swapped ? first : second, run);
                var (mineUs, theirsUs) = swapped ? (late, early) : (early, late);
                if (round == 0)
                    evidence.Add(firstReader.Read(first), mineUs, secondReader.Read(second), theirsUs);
                else
                    evidence.AddTimes(mineUs, theirsUs);
            }
        }

        return evidence.Build();
    }

    private static void Warm(ModelSession first, ModelSession second, RunOptions run)
    {
        for (var i = 0; i < 3; i++)
        {
            first.Run(run);
            second.Run(run);
        }
    }

    private Manifest ManifestOf(Sha256Digest digest) => ManifestReader.Read(File.ReadAllBytes(packages.PathOf(digest)));

    private ModelSession Open(Manifest manifest, string variant)
    {
        var found = manifest.Variants.FirstOrDefault(v => v.Name == variant) ?? throw new InvalidDataException($"{manifest.Name}@{manifest.Version} has no variant '{variant}'.");
        return ModelSession.Load(packages.PathOf(found.File.Digest), manifest.Input, manifest.Output, settingsOf(found));
    }

    private double Time(ModelSession session, RunOptions run)
    {
        var (wall, cpu) = (Stopwatch.GetTimestamp(), RehearsalLimits.ThreadCpu());
        session.Run(run);
        return threads == 1 ? (RehearsalLimits.ThreadCpu() - cpu).TotalMicroseconds : Stopwatch.GetElapsedTime(wall).TotalMicroseconds;
    }

    // The same preparation; the name of the tensor and the values of a place are each model's own.
    private static bool TakesTheSame(InputSpec a, InputSpec b) =>
        (a.Kind, a.Layout, a.Width, a.Height, a.ColourOrder, a.Resize, a.Length) == (b.Kind, b.Layout, b.Width, b.Height, b.ColourOrder, b.Resize, b.Length)
        && (a.Columns ?? []).SequenceEqual(b.Columns ?? []) && a.Scale.SequenceEqual(b.Scale) && a.Offset.SequenceEqual(b.Offset);
}
