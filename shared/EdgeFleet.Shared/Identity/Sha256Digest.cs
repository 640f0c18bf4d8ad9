using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Identity;

/// <summary>SHA-256 of some bytes, as 64 lower-case hexadecimal digits. Files of a package are named by it.</summary>
[JsonConverter(typeof(Sha256DigestJsonConverter))]
public readonly record struct Sha256Digest
{
    private Sha256Digest(string value) => Value = value;

    /// <summary>The 64 hexadecimal digits.</summary>
    public string Value { get; }

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => Value[..12];

    /// <summary>Digest of bytes in memory.</summary>
    public static Sha256Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return FromHash(hash);
    }

    /// <summary>Digest of a file, read as a stream.</summary>
    public static async Task<Sha256Digest> OfFileAsync(string path, CancellationToken cancel = default)
    {
        await using var file = File.OpenRead(path);
        return FromHash(await SHA256.HashDataAsync(file, cancel));
    }

    /// <summary>Digest from the 32 bytes of a hash.</summary>
    public static Sha256Digest FromHash(ReadOnlySpan<byte> hash) => new(Convert.ToHexStringLower(hash));

    /// <summary>Reads a digest; false if the text is not 64 lower-case hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Sha256Digest digest)
    {
        var valid = text is { Length: 64 } && text.All(c => char.IsAsciiHexDigitLower(c));
        digest = valid ? new Sha256Digest(text!) : default;
        return valid;
    }

    /// <summary>Reads a digest.</summary>
    /// <exception cref="FormatException">The text is not a SHA-256 digest.</exception>
    public static Sha256Digest Parse(string text) => TryParse(text, out var digest)
        ? digest
        : throw new FormatException($"'{text}' is not a SHA-256 digest: 64 lower-case hexadecimal digits.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Text form in JSON. Public, because JSON contexts of other assemblies construct it.</summary>
public sealed class Sha256DigestJsonConverter() : TextJsonConverter<Sha256Digest>(Sha256Digest.Parse);
