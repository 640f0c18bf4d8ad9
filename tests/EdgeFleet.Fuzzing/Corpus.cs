using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;

namespace EdgeFleet.Fuzzing;

/// <summary>Inputs that once broke something, by target, in the checkout: each is replayed by the tests for ever after.</summary>
internal static class Corpus
{
    private static string FolderOf(string target) => Path.Combine(RealData.CheckoutRoot, "tests", "EdgeFleet.Fuzzing", "corpus", target);

    /// <summary>Files of a target.</summary>
    public static IReadOnlyList<string> Files(string target) => Directory.Exists(FolderOf(target)) ? [.. Directory.GetFiles(FolderOf(target)).Order()] : [];

    /// <summary>Keeps an input; the name is its hash.</summary>
    public static string Save(string target, byte[] input)
    {
        Directory.CreateDirectory(FolderOf(target));
        var file = Path.Combine(FolderOf(target), Sha256Digest.Of(input).Value[..16]);
        File.WriteAllBytes(file, input);
        return file;
    }
}
