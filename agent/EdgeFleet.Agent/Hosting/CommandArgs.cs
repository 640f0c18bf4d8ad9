namespace EdgeFleet.Agent.Hosting;

/// <summary>Arguments of a command, taken apart: <c>--flag</c>, <c>--name VALUE</c> or <c>--name=VALUE</c>, and what stands alone.</summary>
internal sealed class CommandArgs
{
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _alone = [];

    private CommandArgs()
    {
    }

    /// <summary>What is wrong with the call, as a clause; null when nothing is.</summary>
    public string? Fault { get; private set; }

    /// <summary>Main file of the configuration.</summary>
    public string ConfigPath => ConfigFile.PathFrom(_values.TryGetValue("--config", out var path) ? ["--config", path] : []);

    /// <summary>What stands alone.</summary>
    public IReadOnlyList<string> Alone => _alone;

    /// <summary>Reads arguments; <c>--config</c> is known always, anything not named here is a fault.</summary>
    /// <param name="args">Arguments after the command.</param>
    /// <param name="flags">Names without a value.</param>
    /// <param name="valued">Names with a value.</param>
    /// <param name="alone">How many arguments may stand alone, and must.</param>
    public static CommandArgs Parse(IReadOnlyList<string> args, ReadOnlySpan<string> flags, ReadOnlySpan<string> valued, int alone = 0)
    {
        var parsed = new CommandArgs();
        for (var i = 0; i < args.Count && parsed.Fault is null; i++)
        {
            var (name, value) = args[i].IndexOf('=') is > 0 and var at && args[i].StartsWith("--", StringComparison.Ordinal) ? (args[i][..at], args[i][(at + 1)..]) : (args[i], null);
            if (flags.Contains(name) && value is null)
                parsed._flags.Add(name);
            else if (name == "--config" || valued.Contains(name))
                parsed.Take(name, value ?? (i + 1 < args.Count ? args[++i] : null));
            else if (name.StartsWith('-') || parsed._alone.Count == alone)
                parsed.Fault = $"'{args[i]}' is not understood";
            else
                parsed._alone.Add(name);
        }

        if (parsed.Fault is null && parsed._alone.Count < alone)
            parsed.Fault = "something is missing";
        return parsed;
    }

    /// <summary>True when the flag was given.</summary>
    public bool Has(string flag) => _flags.Contains(flag);

    /// <summary>The value of a name; null when it was not given.</summary>
    public string? Value(string name) => _values.GetValueOrDefault(name);

    /// <summary>Says what is wrong with the call, and gives the exit code for it.</summary>
    public int Refuse(TextWriter errors, string command, string usage)
    {
        errors.WriteLine($"edgefleet-agent {command}: {Fault}.\nUsage: edgefleet-agent {command} {usage}");
        return Usage.ExitCode;
    }

    private void Take(string name, string? value)
    {
        if (value is null)
            Fault = $"{name} needs a value";
        else
            _values[name] = value;
    }
}
