using System.Globalization;

namespace EdgeFleet.Samples;

/// <summary>Wrong use of the program; the message says what is missing.</summary>
internal sealed class ArgumentsException(string message) : Exception(message);

/// <summary>The words after a command: flags, options with a value, files.</summary>
internal sealed class Arguments
{
    private static readonly HashSet<string> Flags = ["--collapse", "--slow", "--misscale"];
    private static readonly HashSet<string> Options = ["--out", "--seed", "--times", "--least-ms"];

    private readonly Dictionary<string, string> _given = [];
    private readonly List<string> _files = [];

    /// <summary>Sorts the words.</summary>
    /// <exception cref="ArgumentsException">An unknown option, or one without its value.</exception>
    public Arguments(IReadOnlyList<string> words)
    {
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (Flags.Contains(word)) _given[word] = "";
            else if (Options.Contains(word)) _given[word] = ++i < words.Count ? words[i] : throw new ArgumentsException($"{word} needs a value.");
            else if (word.StartsWith("--", StringComparison.Ordinal)) throw new ArgumentsException($"{word} is not an option.");
            else _files.Add(word);
        }
    }

    /// <summary>The words that are no options.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Whether a flag was given.</summary>
    public bool Has(string flag) => _given.ContainsKey(flag);

    /// <summary>An option that must be given.</summary>
    public string Required(string option) =>
        _given.TryGetValue(option, out var value) ? value : throw new ArgumentsException($"{option} is missing.");

    /// <summary>The seed, or the one of the sample models.</summary>
    public ulong Seed(ulong otherwise) => !_given.TryGetValue("--seed", out var text) ? otherwise
        : ulong.TryParse(text, CultureInfo.InvariantCulture, out var seed) ? seed
        : throw new ArgumentsException($"--seed must be a whole number from 0 up, not '{text}'.");

    /// <summary>A positive number, or the default.</summary>
    public double Number(string option, double otherwise) => !_given.TryGetValue(option, out var text) ? otherwise
        : double.TryParse(text, CultureInfo.InvariantCulture, out var value) && value > 0 ? value
        : throw new ArgumentsException($"{option} must be a number above 0, not '{text}'.");
}
