using System.Runtime.CompilerServices;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>The slot's side of a stream: says what windows it wants and turns the newest frame into a sample. One caller at a time.</summary>
/// <param name="latest">Where frames wait.</param>
/// <param name="gatherer">Gathers readings; null when the stream carries images.</param>
/// <param name="video">Form of raw frames; null when they are encoded.</param>
/// <param name="name">Name of the source in messages.</param>
internal sealed class LiveReader(LatestFrame latest, WindowGatherer? gatherer, RawPixels? video, string name)
{
    /// <summary>What keeps this stream from feeding a model; null when it fits. The windows are gathered as this model takes them from here on.</summary>
    public SourceOutcome? Misfit(InputSpec input, ReadingOptions readings)
    {
        if (input.Kind != (gatherer is null ? "image" : "series"))
        {
            return SourceOutcome.Stalled(
                $"The slot's source gives {(gatherer is null ? "images" : "readings")}, and the model takes {input.Kind}.",
                $"Put {(gatherer is null ? "an image" : "a series")} model into this slot, or give the slot another source.");
        }

        if (gatherer is null)
            return null;

        var missing = readings.Columns.Count == 0 ? [] : input.Columns!.Where(c => !readings.Columns.Contains(c)).ToList();
        if (missing.Count > 0)
        {
            return SourceOutcome.Stalled(
                $"The model takes '{string.Join("', '", missing)}'; the slot's Columns are '{string.Join("', '", readings.Columns)}'.",
                "Correct Columns of this slot in the agent's configuration: the names of all values in a line, in its order.");
        }

        gatherer.Want(input);
        return null;
    }

    /// <summary>Waits for the next frame and fills the sample, or tells why there is none.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<SourceOutcome> ReadAsync(Sample into, CancellationToken cancel)
    {
        var (frame, fault) = await latest.TakeAsync(cancel);
        return frame is null ? SourceOutcome.Stalled(fault!.Why, fault.Remedy, comesByItself: true) : Fill(frame, into);
    }

    private SourceOutcome Fill(LiveFrame frame, Sample into)
    {
        if (gatherer is not null)
        {
            frame.Values.CopyTo(into.RoomForWindow(frame.Values.Length));
            into.GiveWindow(frame.Values.Length, SampleOrigin.Counted(name, "window", frame.Number));
        }
        else if (video is not null)
        {
            video.Convert(frame.Bytes, into.Pixels);
            into.GivePixels(SampleOrigin.Counted(name, "frame", frame.Number));
        }
        else
        {
            frame.Bytes.CopyTo(into.RoomForImage(frame.Length).Span);
            into.GiveImage(frame.Length, SampleOrigin.Counted(name, "frame", frame.Number));
        }

        return SourceOutcome.Sample(frame.RowsSkipped);
    }
}
