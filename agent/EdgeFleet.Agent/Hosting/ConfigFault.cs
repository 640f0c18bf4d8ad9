namespace EdgeFleet.Agent.Hosting;

/// <summary>One mistake in the configuration.</summary>
/// <param name="Key">Where, with colons between the levels, or the file.</param>
/// <param name="Problem">What is wrong, as a clause.</param>
/// <param name="Example">What would be right; empty where nothing can be proposed.</param>
internal sealed record ConfigFault(string Key, string Problem, string Example)
{
    /// <summary>The fault on one line.</summary>
    public override string ToString() => Example.Length == 0 ? $"{Key}: {Problem}" : $"{Key}: {Problem}; for example {Example}";
}

/// <summary>Gathers the mistakes of all sections, so that all are shown at once.</summary>
internal sealed class ConfigFaults
{
    private readonly List<ConfigFault> _all = [];

    /// <summary>The mistakes so far, in the order of reading.</summary>
    public IReadOnlyList<ConfigFault> All => _all;

    /// <summary>Notes a mistake.</summary>
    public void Add(string key, string problem, string example = "") => _all.Add(new ConfigFault(key, problem, example));
}

/// <summary>The configuration cannot be used; it carries every mistake found.</summary>
internal sealed class ConfigException(IReadOnlyList<ConfigFault> faults)
    : Exception($"The configuration has {faults.Count} mistake(s): {string.Join(" | ", faults)}")
{
    /// <summary>EX_CONFIG of sysexits.h: starting again without a change is in vain.</summary>
    public const int ExitCode = 78;

    /// <summary>The mistakes.</summary>
    public IReadOnlyList<ConfigFault> Faults => faults;

    /// <summary>Prints the mistakes, one a line, and gives the exit code.</summary>
    public int Print(TextWriter to)
    {
        to.WriteLine($"edgefleet-agent: the configuration has {faults.Count} mistake(s); nothing was started.");
        foreach (var fault in faults)
            to.WriteLine($"  {fault}");
        return ExitCode;
    }
}
