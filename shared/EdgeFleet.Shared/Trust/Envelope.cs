using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeFleet.Shared.Trust;

/// <summary>
/// Opaque payload bytes with signatures, in the form of DSSE (secure-systems-lab/dsse): what is signed is
/// <c>"DSSEv1" SP len(type) SP type SP len(payload) SP payload</c>, so a payload can never be taken for one of another type.
/// </summary>
public sealed record Envelope
{
    /// <summary>Largest payload, in bytes.</summary>
    public const int PayloadBytesMax = 16 * 1024;

    // More are not looked at.
    private const int SignaturesMax = 8;

    /// <summary>What the payload is.</summary>
    public required string PayloadType { get; init; }

    /// <summary>Payload, base64.</summary>
    public required string Payload { get; init; }

    /// <summary>Signatures.</summary>
    public required IReadOnlyList<EnvelopeSignature> Signatures { get; init; }

    /// <summary>Wraps and signs a payload.</summary>
    /// <exception cref="ArgumentException">The payload is larger than <see cref="PayloadBytesMax"/>.</exception>
    public static Envelope Sign(string payloadType, ReadOnlySpan<byte> payload, ECDsa key)
    {
        if (payload.Length > PayloadBytesMax)
            throw new ArgumentException($"The payload has {payload.Length} bytes; an envelope takes {PayloadBytesMax}.", nameof(payload));

        var signature = key.SignData(Preauth(payloadType, payload), HashAlgorithmName.SHA256);
        return new Envelope
        {
            PayloadType = payloadType,
            Payload = Convert.ToBase64String(payload),
            Signatures = [new EnvelopeSignature { KeyId = PublicKey.Of(key).Id, Sig = Convert.ToBase64String(signature) }],
        };
    }

    /// <summary>The payload, if one of the keys signed it as this type; otherwise null and the reason.</summary>
    public byte[]? Open(string payloadType, IReadOnlyCollection<PublicKey> trusted, out string? error)
    {
        error = null;
        if (PayloadType != payloadType)
            error = $"It carries '{PayloadType}' where '{payloadType}' was expected.";
        else if (Payload.Length > PayloadBytesMax * 4 / 3 + 4)
            error = $"Its payload is larger than {PayloadBytesMax} bytes.";
        else if (Decode(Payload) is not { } payload)
            error = "Its payload is not base64.";
        else if (Signatures.Take(SignaturesMax).Any(s => IsSignedBy(s, trusted, Preauth(payloadType, payload))))
            return payload;
        else
            error = $"None of its {Signatures.Count} signature(s) is by a key that this side trusts ({string.Join(", ", Signatures.Take(SignaturesMax).Select(NameOf))}).";

        return null;
    }

    // What comes from outside may hold a null among the signatures.
    private static string NameOf(EnvelopeSignature? signature) => signature is null ? "null" : signature.KeyId.Length > 12 ? signature.KeyId[..12] : signature.KeyId;

    private static bool IsSignedBy(EnvelopeSignature? signature, IReadOnlyCollection<PublicKey> trusted, byte[] data) =>
        signature is not null && trusted.FirstOrDefault(k => k.Id == signature.KeyId) is { } key && Decode(signature.Sig) is { } sig && key.Verifies(data, sig);

    private static byte[] Preauth(string payloadType, ReadOnlySpan<byte> payload)
    {
        var head = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} "));
        return [.. head, .. payload];
    }

    private static byte[]? Decode(string base64)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

/// <summary>One signature of an envelope.</summary>
public sealed record EnvelopeSignature
{
    /// <summary>Id of the key.</summary>
    public required string KeyId { get; init; }

    /// <summary>Signature, base64 of the IEEE P1363 form.</summary>
    public required string Sig { get; init; }
}
