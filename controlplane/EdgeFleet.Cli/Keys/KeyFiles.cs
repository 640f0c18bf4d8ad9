using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Keys;

/// <summary>Keys and roots in files. A key may be encrypted with a passphrase, which comes from EDGEFLEET_KEY_PASSPHRASE or is asked for at the terminal.</summary>
internal static class KeyFiles
{
    private const string Variable = "EDGEFLEET_KEY_PASSPHRASE";

    public static TufSigningKey ReadKey(string path)
    {
        var pem = File.ReadAllText(path);
        if (!TufSigningKey.IsEncrypted(pem))
            return TufSigningKey.FromPem(pem);
        try
        {
            return TufSigningKey.FromPem(pem, Passphrase($"Passphrase of {Path.GetFileName(path)}: "));
        }
        catch (CryptographicException)
        {
            throw new UsageException($"{path} does not open with this passphrase.");
        }
    }

    public static TufKey ReadPublic(string path) => TufKey.FromJson(File.ReadAllBytes(path));

    public static TufRootDraft ReadRoot(string path) => TufRootDraft.Read(File.ReadAllBytes(path));

    /// <summary>The passphrase of a new key: asked for twice, for one that is mistyped loses the key.</summary>
    public static string NewPassphrase()
    {
        var passphrase = Passphrase("Passphrase of the new key: ");
        if (passphrase.Length == 0)
            throw new UsageException("The passphrase is empty. No key was made.");
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } || Passphrase("Once more: ") == passphrase
            ? passphrase
            : throw new UsageException("These were two passphrases. No key was made.");
    }

    // A key or a root that is written over is lost for ever.
    public static void Absent(params ReadOnlySpan<string> files)
    {
        foreach (var file in files)
        {
            if (File.Exists(file))
                throw new UsageException($"{file} is there already. Name another file; nothing was changed.");
        }
    }

    private static string Passphrase(string prompt)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return given;
        if (Console.IsInputRedirected)
            throw new UsageException($"The key is encrypted. Set {Variable}, or run this at a terminal, where it is asked for.");

        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key != ConsoleKey.Backspace)
                typed.Append(key.KeyChar);
            else if (typed.Length > 0)
                typed.Length--;
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
