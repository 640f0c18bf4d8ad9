using System.Text.Json;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Models.Evidence;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Models.Evidence;

public sealed class CandidateEvidenceTests
{
    [Property(MaxTest = 50)]
    public void Evidence_of_boards_adds_up_to_that_of_all_samples(int seed)
    {
        var random = new Random(seed);
        var samples = Enumerable.Range(0, 60).Select(_ => (Mine: Draw(random), Us: 1 + random.NextDouble() * 1e5, Theirs: Draw(random), TheirUs: 1 + random.NextDouble() * 1e5)).ToList();
        CandidateEvidence Of(IEnumerable<(Answer? Mine, double Us, Answer? Theirs, double TheirUs)> some)
        {
            var evidence = new PairedEvidence(EvidenceStage.Shadow, Manifest("2.0.0"), Manifest("1.0.0"));
            foreach (var s in some)
                evidence.Add(s.Mine, s.Us, s.Theirs, s.TheirUs);
            return evidence.Build();
        }

        var parts = Of(samples.Skip(40)).Plus(Of(samples.Take(15))).Plus(Of(samples.Skip(15).Take(25)));

        Assert.Equal(Json(Of(samples)), Json(parts));
    }

    [Fact]
    public void Evidence_survives_the_wire_and_other_stages_do_not_add()
    {
        var evidence = new PairedEvidence(EvidenceStage.Shadow, Manifest("2.0.0"), Manifest("1.0.0"));
        evidence.Add(new ClassAnswer([0.9f, 0.1f]), 1000, new ClassAnswer([0.8f, 0.2f]), 2000);
        evidence.Skip();
        var built = evidence.Build();

        var read = JsonSerializer.Deserialize(Json(built), WireJson.Default.CandidateEvidence)!;

        Assert.Equal(Json(built), Json(read));
        Assert.Equal((1, 1.0), (read.Skipped, read.Agreement!.Share));
        Assert.Equal(0.1, read.Agreement.Change, 5);
        Assert.Throws<ArgumentException>(() => built.Plus(built with { Stage = EvidenceStage.Rehearsal }));
    }

    [Fact]
    public void Models_with_other_labels_are_not_compared_by_their_answers()
    {
        var evidence = new PairedEvidence(EvidenceStage.Shadow, Manifest("2.0.0"), Manifest("1.0.0", "calm", "loud", "off"));
        evidence.Add(new ClassAnswer([0.9f, 0.1f]), 1000, new ClassAnswer([0.1f, 0.2f, 0.7f]), 2000);

        var built = evidence.Build();

        Assert.Null(built.Agreement);
        Assert.Equal([0, 0, 1], built.Other.Outputs);
        Assert.StartsWith("beside m@1.0.0: 1 samples", built.Summary, StringComparison.Ordinal);
    }

    private static string Json(CandidateEvidence evidence) => JsonSerializer.Serialize(evidence, WireJson.Default.CandidateEvidence);

    private static Answer? Draw(Random random) => random.Next(10) == 0 ? null : new ClassAnswer([(float)random.NextDouble(), (float)random.NextDouble()]);

    private static Manifest Manifest(string version, params string[] labels)
    {
        var file = new FileRef { Path = "x", Digest = EdgeFleet.Shared.Identity.Sha256Digest.Of([]), Size = 0 };
        return new Manifest
        {
            Name = "m", Version = version, Task = ModelTask.SeriesClassification, Labels = file, Golden = file, Reference = file, Report = file, Files = [file],
            Lineage = new Lineage { Source = "", SourceDigest = file.Digest, Data = "", DataDigest = file.Digest, Tools = "" },
            Input = new InputSpec { Kind = "series", Tensor = "x", Layout = "NCT", Columns = ["a"], Length = 1, Scale = [1], Offset = [0] },
            Output = new OutputSpec { Tensor = "y", Activation = "softmax", Labels = labels.Length == 0 ? ["calm", "loud"] : labels },
            Budgets = new Budgets { P95LatencyMs = 1, MemoryMb = 1 },
            Variants = [],
        };
    }
}
