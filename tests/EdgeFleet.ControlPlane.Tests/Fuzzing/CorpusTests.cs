using EdgeFleet.Fuzzing;

namespace EdgeFleet.ControlPlane.Tests.Fuzzing;

/// <summary>What once broke a reader of bytes from outside does not break it again, and some thousand inputs of a fixed seed break nothing.</summary>
public sealed class CorpusTests
{
    private const int Seed = 20261124;
    private const int Executions = 3000;

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_of_the_corpus_is_read_or_refused_within_its_bounds(string name)
    {
        var target = FuzzTargets.Of(name);
        foreach (var seed in target.Seeds)
            Assert.Null(target.Try(seed) is { Fault: { } } first ? target.Try(seed).Fault ?? first.Signature : null);
        foreach (var file in Corpus.Files(name))
            Assert.True(target.Try(File.ReadAllBytes(file)).Fault is not { } fault, $"{Path.GetFileName(file)}: {target.Try(File.ReadAllBytes(file)).Fault}");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Inputs_of_a_fixed_seed_break_nothing(string name)
    {
        var result = new Fuzzer(FuzzTargets.Of(name), Seed, Corpus.Files(name).Select(File.ReadAllBytes)).Run(done => done < Executions / (name == "image" ? 10 : 1));

        Assert.True(result.Findings.Count == 0, string.Join('\n', result.Findings.Select(f => $"{Convert.ToHexString(f.Input)}: {f.Fault}")));
        Assert.True(result.Kept > FuzzTargets.Of(name).Seeds.Count, "No input led anywhere new: the mutator does not work.");
    }
}
