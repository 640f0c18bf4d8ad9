using System.Globalization;
using EdgeFleet.Benchmarks.Install;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>An earlier tag of this repository.</summary>
/// <param name="Name"><c>step-1</c> and on.</param>
/// <param name="Commit">Its commit.</param>
internal sealed record Tag(string Name, string Commit)
{
    /// <summary>Beginning of the names.</summary>
    public const string Prefix = "step-";

    /// <summary>Number in the name.</summary>
    public int Number { get; } = int.Parse(Name[Prefix.Length..], CultureInfo.InvariantCulture);

    /// <summary>Tags of the repository that this runs in, oldest first, without one that is this very commit.</summary>
    /// <param name="words"><c>step-2</c> names one to look at alone, <c>step-2=COMMIT</c> one that is not made yet.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="ShortException">There is no repository here, or no tag in it.</exception>
    public static async Task<IReadOnlyList<Tag>> FindAsync(IReadOnlyList<string> words, CancellationToken cancel)
    {
        var head = (await GitAsync(cancel, "rev-parse", "HEAD")).Trim();
        var given = words.Where(w => w.Contains('=')).Select(w => w.Split('=')).ToDictionary(w => w[0], w => w[1]);
        var names = (await GitAsync(cancel, "tag", "--list", Prefix + "*")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(n => int.TryParse(n[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _)).Where(n => !given.ContainsKey(n));
        var tags = new List<Tag>();
        foreach (var (name, at) in names.Select(n => (n, n)).Concat(given.Select(g => (g.Key, g.Value))))
            tags.Add(new Tag(name, (await GitAsync(cancel, "rev-parse", "--verify", at + "^{commit}")).Trim()));

        var wanted = words.Where(w => w.StartsWith(Prefix, StringComparison.Ordinal)).Select(w => w.Split('=')[0]).ToList();
        List<Tag> found = [.. tags.Where(t => t.Commit != head && (wanted.Count == 0 || wanted.Contains(t.Name))).OrderBy(t => t.Number)];
        return found.Count > 0 ? found : throw new ShortException(
            "There is no earlier tag step-1, step-2, ... in this repository, so there is nothing to hold this version against. A clone may lack them: git fetch --tags --unshallow.");
    }

    /// <summary>Runs git in this checkout; what it printed.</summary>
    public static Task<string> GitAsync(CancellationToken cancel, params string[] words) => Commands.RunAsync(["git", "-C", RealData.CheckoutRoot, .. words], cancel);
}
