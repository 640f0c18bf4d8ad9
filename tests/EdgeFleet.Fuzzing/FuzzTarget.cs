using EdgeFleet.Fuzzing.Mutators;

namespace EdgeFleet.Fuzzing;

/// <summary>A reader of bytes from outside, and what holds of it whatever the bytes are.</summary>
/// <param name="Name">Name, and its folder of the corpus.</param>
/// <param name="Seeds">Good inputs to begin from.</param>
/// <param name="Mutator">Knows the form of the input.</param>
/// <param name="Read">
/// Reads an input and gives a word for what came out; throws <see cref="PropertyException"/> when something about the outcome is wrong in itself.
/// </param>
/// <param name="Documented">The only exceptions that may leave the reader.</param>
/// <param name="AllocatedMax">Most managed bytes that reading may allocate, for an input of this length.</param>
/// <param name="CpuMax">Most processor time of the thread that reading may take. Far over what it takes, and no wall clock: a busy machine is no fault.</param>
internal sealed record FuzzTarget(
    string Name,
    IReadOnlyList<byte[]> Seeds,
    IMutator Mutator,
    Func<byte[], string> Read,
    IReadOnlyList<Type> Documented,
    Func<int, long> AllocatedMax,
    TimeSpan CpuMax)
{
    /// <summary>Reads one input and checks everything.</summary>
    public FuzzOutcome Try(byte[] input)
    {
        var (cpu, allocated) = (ThreadCpu.Now, GC.GetAllocatedBytesForCurrentThread());
        string outcome;
        string? fault = null;
        try
        {
            outcome = Read(input);
        }
        catch (PropertyException e)
        {
            (outcome, fault) = ("wrong", e.Message);
        }
        catch (Exception e) when (Documented.Contains(e.GetType()))
        {
            outcome = Signature(e);
        }
        catch (Exception e)
        {
            (outcome, fault) = (Signature(e), $"{e.GetType().Name} left the reader: {e.Message}\n{e.StackTrace}");
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        cpu = ThreadCpu.Now - cpu;
        if (fault is null && allocated > AllocatedMax(input.Length))
            (outcome, fault) = ("memory", $"{allocated} bytes were allocated for an input of {input.Length}; at most {AllocatedMax(input.Length)} may be.");
        if (fault is null && cpu > CpuMax)
            (outcome, fault) = ("time", $"It took {cpu.TotalMilliseconds:0} ms of the processor for an input of {input.Length}; at most {CpuMax.TotalMilliseconds:0} may be.");
        return new FuzzOutcome(outcome, fault, allocated, cpu);
    }

    /// <summary>A text of a fault without lengths, values and places: what is left of it tells the ways through a reader apart.</summary>
    public static string WordsOf(string message)
    {
        var words = message.Split(" Path: ")[0].Take(120).Where(c => char.IsAsciiLetter(c) || c == ' ');
        return string.Concat(words);
    }

    private static string Signature(Exception e) => $"{e.GetType().Name} {WordsOf(e.Message)}";
}

/// <summary>What became of one input.</summary>
/// <param name="Signature">Tells outcomes apart: what was read, or which fault it was.</param>
/// <param name="Fault">What is broken; null when all holds.</param>
/// <param name="Allocated">Managed bytes that it took.</param>
/// <param name="Cpu">Processor time that it took.</param>
internal readonly record struct FuzzOutcome(string Signature, string? Fault, long Allocated, TimeSpan Cpu);

/// <summary>The reader gave something that is wrong in itself.</summary>
internal sealed class PropertyException(string message) : Exception(message)
{
    /// <summary>Throws unless it holds.</summary>
    public static void Unless(bool holds, string message)
    {
        if (!holds)
            throw new PropertyException(message);
    }
}
