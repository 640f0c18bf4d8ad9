using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>What becomes of a desired document that came in.</summary>
internal abstract record DesiredVerdict
{
    /// <summary>It is signed, for this device and newer than what is held.</summary>
    public sealed record Newer(DesiredDocument Document) : DesiredVerdict;

    /// <summary>A duplicate, or one that was overtaken: it changes nothing.</summary>
    public sealed record Stale(long Version) : DesiredVerdict;

    /// <summary>It must not be followed, and why.</summary>
    public sealed record Refused(string Reason) : DesiredVerdict;
}

/// <summary>Judges desired documents. Pure.</summary>
internal static class DesiredPolicy
{
    /// <summary>Wishes in a document at most.</summary>
    public const int SlotsMax = 64;

    /// <summary>Judges one.</summary>
    /// <param name="envelope">As it came.</param>
    /// <param name="device">This device.</param>
    /// <param name="held">Version that is held, 0 for none.</param>
    /// <param name="trusted">Keys in force.</param>
    public static DesiredVerdict Judge(Envelope envelope, DeviceId device, long held, IReadOnlyCollection<PublicKey> trusted)
    {
        if (envelope.Open(DesiredDocument.PayloadType, trusted, out var error) is not { } payload)
            return new DesiredVerdict.Refused($"The desired document was refused. {error}");

        if (Read(payload, out error) is not { } document)
            return new DesiredVerdict.Refused($"The desired document is signed and cannot be read: {error}");

        if (document.V != 1)
            return new DesiredVerdict.Refused($"The desired document has version {document.V} of the wire and this agent knows 1. Update the agent.");

        if (document.Device != device)
            return new DesiredVerdict.Refused($"The desired document is for device {document.Device}; this is {device}.");

        if (document.Version <= held)
            return new DesiredVerdict.Stale(document.Version);

        if (document.Slots.Count > SlotsMax)
            return new DesiredVerdict.Refused($"Desired version {document.Version} names {document.Slots.Count} slots; at most {SlotsMax} are taken.");

        return document.Slots.GroupBy(s => s.Slot).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? new DesiredVerdict.Refused($"Desired version {document.Version} names slot {twice.Key} {twice.Count()} times.")
            : new DesiredVerdict.Newer(document);
    }

    /// <summary>The document in a payload; null and the reason when it is none.</summary>
    public static DesiredDocument? Read(byte[] payload, out string? error)
    {
        try
        {
            error = "it is 'null'.";
            return JsonSerializer.Deserialize(payload, WireJson.Default.DesiredDocument);
        }
        catch (JsonException e)
        {
            error = e.Message;
            return null;
        }
    }
}
