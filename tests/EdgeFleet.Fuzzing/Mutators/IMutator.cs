namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>Makes another input of one, knowing its form. Whatever randomness it needs comes from the caller, so that a seed tells a run again.</summary>
internal interface IMutator
{
    /// <summary>A changed copy.</summary>
    /// <param name="input">The input.</param>
    /// <param name="other">Another one, to take parts from.</param>
    /// <param name="random">Where chance comes from.</param>
    byte[] Mutate(byte[] input, byte[] other, Random random);
}

/// <summary>Sometimes one way, sometimes another, and now and then bytes without regard to form, so that the outermost checks are met too.</summary>
internal sealed class MixedMutator(params IMutator[] structured) : IMutator
{
    private readonly ByteMutator _bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        var result = input;
        for (var rounds = 1 + random.Next(4); rounds > 0; rounds--)
            result = (random.Next(4) == 0 ? _bytes : structured[random.Next(structured.Length)]).Mutate(result, other, random);
        return result;
    }
}
