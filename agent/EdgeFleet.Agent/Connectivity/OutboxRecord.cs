using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>A record on its way into the outbox: which stream and slot, and its JSON.</summary>
internal sealed record NewRecord(string Stream, SlotName Slot, byte[] Payload, Photo? Photo = null);

/// <summary>The photo of an event, at most 96 kB, under its digest.</summary>
internal sealed record Photo(Sha256Digest Digest, ReadOnlyMemory<byte> Content);

/// <summary>A record as the outbox holds it. <paramref name="At"/> is when it was taken in, Unix ms.</summary>
internal readonly record struct StoredRecord(long Seq, long At, byte[] Payload);

/// <summary>What a stream holds beyond a number: how many records of how many slots, and when the oldest was taken in (Unix ms).</summary>
internal readonly record struct Backlog(long Count, long Slots, long OldestAt);

/// <summary>Records that are gone: whose, from when to when (Unix ms), how many, and why.</summary>
internal sealed record Loss(SlotName Slot, long From, long To, long Count, string Reason);
