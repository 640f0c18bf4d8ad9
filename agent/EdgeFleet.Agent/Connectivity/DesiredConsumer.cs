using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Takes desired documents in: judged, kept durably, then offered to the updates. What is refused changes nothing and is reported.</summary>
internal sealed partial class DesiredConsumer(DesiredStore store, ISlotUpdates updates, ILogger<DesiredConsumer> log)
{
    private DeviceIdentity? _identity;
    private HeldDesired? _held;
    private volatile string? _error;

    /// <summary>Raised when a document was refused, or the last refusal no longer counts.</summary>
    public event Action? Changed;

    /// <summary>Why the last document was refused; null once a later one was taken.</summary>
    public string? Error => _error;

    /// <summary>Version of the document that is held, 0 for none.</summary>
    public long Version => Math.Max(_held?.Document?.Version ?? 0, updates.DesiredVersion);

    /// <summary>Keys that may sign documents and commands now; none before it is known which device this is.</summary>
    public IReadOnlyList<PublicKey> Keys => _held?.Keys ?? _identity?.Assigned.Keys ?? [];

    /// <summary>Goes on as this device: what is held is offered again, which changes nothing where it was taken before.</summary>
    public void Resume(DeviceIdentity identity)
    {
        _identity = identity;
        _held = store.Load(identity.Assigned.Device, CaOf(identity), out var error);
        if (error is not null)
            Refuse(error);
        if (_held?.Document is { } document)
            updates.Offer(document);
    }

    /// <summary>Takes a document in.</summary>
    public void Take(Envelope envelope)
    {
        if (_identity is not { } identity)
            throw new InvalidOperationException("A desired document came in before it was known which device this is.");

        switch (DesiredPolicy.Judge(envelope, identity.Assigned.Device, Version, _held?.Keys ?? identity.Assigned.Keys))
        {
            case DesiredVerdict.Newer newer:
                Accept(identity, envelope, newer.Document);
                break;
            case DesiredVerdict.Stale stale:
                Log.Stale(log, stale.Version, Version);
                break;
            case DesiredVerdict.Refused refused:
                Refuse(refused.Reason);
                break;
        }
    }

    /// <summary>Notes a document that could not even be read.</summary>
    public void Refuse(string reason)
    {
        Log.Refused(log, reason);
        if (Interlocked.Exchange(ref _error, reason) != reason)
            Changed?.Invoke();
    }

    private void Accept(DeviceIdentity identity, Envelope envelope, DesiredDocument document)
    {
        IReadOnlyList<PublicKey> keys = document.Keys.Count > 0 ? document.Keys : _held?.Keys ?? identity.Assigned.Keys;
        var held = new HeldDesired { Ca = CaOf(identity), Envelope = envelope, Keys = keys, Document = document };
        try
        {
            store.Save(held);
        }
        catch (IOException e)
        {
            Refuse($"Desired version {document.Version} was not taken: {e.Message} It is sent again at the next connection.");
            return;
        }

        _held = held;
        Log.Taken(log, document.Version, document.Slots.Count);
        if (Interlocked.Exchange(ref _error, null) is not null)
            Changed?.Invoke();
        updates.Offer(document);
    }

    private static Sha256Digest CaOf(DeviceIdentity identity) => Sha256Digest.Of(identity.Ca.RawData);

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Desired version {Version} taken, with {Slots} slot(s)")]
        public static partial void Taken(ILogger logger, long version, int slots);

        [LoggerMessage(Level = LogLevel.Debug, Message = "Desired version {Version} changes nothing: {Held} is held")]
        public static partial void Stale(ILogger logger, long version, long held);

        [LoggerMessage(Level = LogLevel.Error, Message = "{Reason}")]
        public static partial void Refused(ILogger logger, string reason);
    }
}
