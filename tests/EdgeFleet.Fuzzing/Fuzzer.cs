namespace EdgeFleet.Fuzzing;

/// <summary>An input on which something is broken, made as small as it gets.</summary>
/// <param name="Input">The smallest input found.</param>
/// <param name="Fault">What is broken.</param>
/// <param name="Execution">Number of the execution that found it.</param>
internal sealed record FuzzFinding(byte[] Input, string Fault, long Execution);

/// <summary>What a run did.</summary>
/// <param name="Executions">Inputs that were read.</param>
/// <param name="Kept">Inputs that gave an outcome not seen before, and were mutated further.</param>
/// <param name="AllocatedMax">Most managed bytes of one reading.</param>
/// <param name="CpuMax">Most processor time of one reading.</param>
/// <param name="Findings">One of each kind of fault.</param>
internal sealed record FuzzResult(long Executions, int Kept, long AllocatedMax, TimeSpan CpuMax, IReadOnlyList<FuzzFinding> Findings);

/// <summary>
/// Mutates inputs of a pool and reads them. There is no coverage to go by; an input whose outcome (what was read, or which fault was told) is new goes into the
/// pool, so that a run works its way through the checks of a reader one after another. The same seed and count tell the same run.
/// </summary>
/// <param name="target">The reader.</param>
/// <param name="seed">Where chance begins.</param>
/// <param name="corpus">Inputs from earlier runs, besides the target's own.</param>
internal sealed class Fuzzer(FuzzTarget target, int seed, IEnumerable<byte[]> corpus)
{
    private const int PoolMax = 4000;
    private const int FindingsMax = 10;
    private readonly Random _random = new(seed);
    private readonly List<byte[]> _pool = [];
    private readonly HashSet<string> _signatures = [];
    private readonly HashSet<string> _faults = [];
    private readonly List<FuzzFinding> _findings = [];
    private long _executions;
    private long _allocatedMax;
    private TimeSpan _cpuMax;

    /// <summary>Runs until told otherwise.</summary>
    /// <param name="goesOn">Asked before every execution with their number so far.</param>
    /// <param name="about">Told every input before it is read: native code may not come back from it.</param>
    public FuzzResult Run(Func<long, bool> goesOn, Action<byte[]>? about = null)
    {
        foreach (var input in target.Seeds.Concat(corpus))
        {
            about?.Invoke(input);
            Look(input, isSeed: true);
        }

        while (goesOn(_executions) && _findings.Count < FindingsMax)
        {
            // Half of the time one of the latest: they got furthest.
            var from = _random.Next(2) == 0 ? _pool.Count - 1 - _random.Next(Math.Min(_pool.Count, 50)) : _random.Next(_pool.Count);
            var input = target.Mutator.Mutate(_pool[from], _pool[_random.Next(_pool.Count)], _random);
            about?.Invoke(input);
            Look(input, isSeed: false);
        }

        return new FuzzResult(_executions, _pool.Count, _allocatedMax, _cpuMax, _findings);
    }

    private void Look(byte[] input, bool isSeed)
    {
        _executions++;
        var outcome = target.Try(input);
        if (outcome.Fault is { } fault)
        {
            // A first call pays for what is made once; only what is broken a second time is.
            if (target.Try(input).Fault is not null && _faults.Add(outcome.Signature))
                _findings.Add(new FuzzFinding(Shrinker.Shrink(target, input, outcome.Signature), fault, _executions));
            return;
        }

        _allocatedMax = Math.Max(_allocatedMax, outcome.Allocated);
        _cpuMax = outcome.Cpu > _cpuMax ? outcome.Cpu : _cpuMax;
        if ((_signatures.Add(outcome.Signature) || isSeed) && _pool.Count < PoolMax)
            _pool.Add(input);
    }
}

/// <summary>Makes an input smaller as long as the same is broken.</summary>
internal static class Shrinker
{
    private const int TriesMax = 3000;

    /// <summary>The smallest input found whose outcome has this signature and a fault.</summary>
    public static byte[] Shrink(FuzzTarget target, byte[] input, string signature)
    {
        var tries = 0;
        bool IsBroken(byte[] candidate) => tries++ < TriesMax && target.Try(candidate) is { Fault: not null } outcome && outcome.Signature == signature;

        for (var size = Math.Max(1, input.Length / 2); size >= 1; size = size == 1 ? 0 : size / 2)
        {
            for (var at = 0; at < input.Length;)
            {
                byte[] without = [.. input[..at], .. input[Math.Min(input.Length, at + size)..]];
                if (without.Length < input.Length && IsBroken(without))
                    input = without;
                else
                    at += size;
            }
        }

        for (var at = 0; at < input.Length; at++)
        {
            var zeroed = input.ToArray();
            zeroed[at] = (byte)'0';
            if (input[at] != '0' && IsBroken(zeroed))
                input = zeroed;
        }

        return input;
    }
}
