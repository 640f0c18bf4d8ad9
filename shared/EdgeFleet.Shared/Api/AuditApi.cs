using System.Buffers;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Api;

/// <summary>One thing that a person did, as the audit log keeps it. Each entry holds the hash of the one before.</summary>
/// <param name="Id">1, 2, 3 ... without a gap.</param>
/// <param name="At">When, Unix ms.</param>
/// <param name="Who">Account.</param>
/// <param name="What">A verb and its object, for example <c>rollout.pause</c>.</param>
/// <param name="Target">What it was done to, for example <c>rollout 17</c>.</param>
/// <param name="Detail">More, for people.</param>
/// <param name="Before">Hash of the entry before; 64 zeros for the first.</param>
/// <param name="Hash">SHA-256 over every other field.</param>
public sealed record AuditRecord(long Id, long At, string Who, string What, string Target, string? Detail, string Before, string Hash)
{
    /// <summary>The hash that an entry must have: SHA-256 over its fields as a JSON array, so that no two entries have the same bytes.</summary>
    public static string HashOf(long id, long at, string who, string what, string target, string? detail, string before)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            json.WriteNumberValue(id);
            json.WriteNumberValue(at);
            foreach (var text in (string?[])[who, what, target, detail, before])
            {
                if (text is null)
                    json.WriteNullValue();
                else
                    json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }

        return Sha256Digest.Of(bytes.WrittenSpan).Value;
    }
}

/// <summary>Where an audit log ended at some moment. Kept elsewhere, it proves later that nothing up to there was changed or cut off.</summary>
/// <param name="Entries">Number of the last entry.</param>
/// <param name="Hash">Its hash; 64 zeros for none.</param>
/// <param name="At">When this was said.</param>
public sealed record AuditHead(long Entries, string Hash, DateTimeOffset At)
{
    /// <summary>Type in the signed envelope.</summary>
    public const string PayloadType = "application/vnd.edgefleet.audit-head.v1+json";
}

/// <summary>A head with the control plane's signature, by the key that signs wishes.</summary>
public sealed record SignedAuditHead(AuditHead Head, Envelope Envelope, PublicKey Key)
{
    /// <summary>The head that was signed; null, with the reason, when the signature is not by <see cref="Key"/> or over another head.</summary>
    public AuditHead? Open(out string? error)
    {
        if (Envelope.Open(AuditHead.PayloadType, [Key], out error) is not { } payload)
            return null;
        try
        {
            if (JsonSerializer.Deserialize(payload, ApiJson.Default.AuditHead) is { } signed && signed == Head)
                return signed;
        }
        catch (JsonException)
        {
            // Signed, and no head: said below.
        }

        error = "What was signed is not the head that is shown.";
        return null;
    }
}

/// <summary>Follows a chain of entries, one after the other from the first.</summary>
public sealed class AuditChain
{
    /// <summary>The hash before the first entry.</summary>
    public static readonly string Start = new('0', 64);

    /// <summary>Entries so far.</summary>
    public long Entries { get; private set; }

    /// <summary>Hash of the last one.</summary>
    public string Hash { get; private set; } = Start;

    /// <summary>Takes the next entry; says what is wrong with it, or null. What is wrong is not taken.</summary>
    public string? Follow(AuditRecord entry)
    {
        if (entry.Id != Entries + 1)
            return $"Entry {Entries + 1} is missing; the next there is {entry.Id}.";
        if (entry.Before != Hash)
            return $"Entry {entry.Id} does not follow from the one before it.";
        if (entry.Hash != AuditRecord.HashOf(entry.Id, entry.At, entry.Who, entry.What, entry.Target, entry.Detail, entry.Before))
            return $"Entry {entry.Id} was changed after it was written.";

        (Entries, Hash) = (entry.Id, entry.Hash);
        return null;
    }
}
