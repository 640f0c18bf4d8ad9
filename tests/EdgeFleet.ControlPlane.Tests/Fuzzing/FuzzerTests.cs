using EdgeFleet.Fuzzing;
using EdgeFleet.Fuzzing.Mutators;

namespace EdgeFleet.ControlPlane.Tests.Fuzzing;

/// <summary>The fuzzer finds what is planted, tells it, and makes it small.</summary>
public sealed class FuzzerTests
{
    private static readonly byte[] Good = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];

    [Fact]
    public void An_exception_that_is_not_documented_is_found_and_its_input_made_small()
    {
        var result = Run(input => input.AsSpan().IndexOf((byte)250) >= 0 ? throw new InvalidOperationException("planted") : "fine");

        var found = Assert.Single(result.Findings);
        Assert.Contains("InvalidOperationException", found.Fault, StringComparison.Ordinal);
        Assert.Equal([250], found.Input);
    }

    [Fact]
    public void One_that_is_documented_is_none() =>
        Assert.Empty(Run(input => input.Length < 100 ? throw new FormatException("short") : "fine").Findings);

    [Fact]
    public void Memory_over_its_cap_is_found()
    {
        var result = Run(input => input.Length > 300 ? $"{new byte[2_000_000].Length}" : "fine");

        Assert.Contains("bytes were allocated", Assert.Single(result.Findings).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_over_its_cap_is_found()
    {
        var slow = new FuzzTarget("slow", [[1, 2, 3, 4, 5]], new ByteMutator(), input =>
        {
            for (var start = ThreadCpu.Now; input.Length > 3 && ThreadCpu.Now - start < TimeSpan.FromMilliseconds(60);)
                Thread.SpinWait(100);
            return "fine";
        }, [], _ => 1_000_000, TimeSpan.FromMilliseconds(50));

        var result = new Fuzzer(slow, 1, []).Run(done => done < 1);

        Assert.Contains("of the processor", Assert.Single(result.Findings).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_reads_the_same_inputs()
    {
        List<string> Inputs()
        {
            var seen = new List<string>();
            _ = Run(input =>
            {
                seen.Add(Convert.ToHexString(input));
                return $"{input.Length % 7}";
            });
            return seen;
        }

        Assert.Equal(Inputs(), Inputs());
    }

    private static FuzzResult Run(Func<byte[], string> read) => new Fuzzer(
        new FuzzTarget("planted", [Good], new MixedMutator(new ByteMutator()), read, [typeof(FormatException)], _ => 1_000_000, TimeSpan.FromMilliseconds(100)), 1, []).Run(done => done < 2000);
}
