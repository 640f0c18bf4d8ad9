using System.Security.Cryptography;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources.Http;

/// <summary>Snapshots of a network camera. The same picture as the last one is no new sample: cameras that hang give it for ever.</summary>
internal sealed class HttpSource(HttpSourceOptions options, SourceCounters counters, TimeProvider time) : ISampleSource
{
    private readonly SnapshotClient _client = new(options);
    private readonly byte[] _hash = new byte[SHA256.HashSizeInBytes];
    private readonly byte[] _lastHash = new byte[SHA256.HashSizeInBytes];
    private long _changedAt;
    private long _number;

    /// <inheritdoc/>
    public async ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel)
    {
        if (input.Kind != "image")
            return SourceOutcome.Stalled($"The slot's source gives images, and the model takes {input.Kind}.", "Put an image model into this slot, or give the slot another source.");

        switch (await _client.FetchAsync(into, cancel))
        {
            case Snapshot.Failed failed:
                counters.AddUnusable();
                return SourceOutcome.Stalled(failed.Why, failed.Remedy);
            case Snapshot.Image image when IsNew(into, image.Length):
                return Give(into, image.Length);
            default:
                return Unchanged();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private bool IsNew(Sample into, int length)
    {
        if (options.RepeatUnchanged)
        {
            // Asked for whole the next time too.
            _client.Forget();
            return true;
        }

        SHA256.HashData(into.RoomForImage(length).Span[..length], _hash);
        var isNew = !_hash.AsSpan().SequenceEqual(_lastHash);
        _hash.CopyTo(_lastHash, 0);
        return isNew;
    }

    private SourceOutcome Give(Sample into, int length)
    {
        counters.AddFrame();
        _changedAt = time.GetTimestamp();
        into.GiveImage(length, SampleOrigin.Counted(options.Url.Host, "snapshot", ++_number));
        return SourceOutcome.Sample();
    }

    private SourceOutcome Unchanged() => time.GetElapsedTime(_changedAt).TotalSeconds < options.UnchangedSeconds
        ? SourceOutcome.Nothing
        : SourceOutcome.Stalled(
            $"{options.Url} has given the same picture for {time.GetElapsedTime(_changedAt).TotalMinutes:0} min.",
            "Restart the camera; where the picture may stand still, set RepeatUnchanged or a longer UnchangedSeconds for this slot.");
}
