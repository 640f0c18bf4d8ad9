using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>
/// Takes several samples through one run of a model. Each has times of its own: that it waited for the others counts as waiting, the run counts for each in full,
/// because each waits for all of it. Owned by its slot's thread.
/// </summary>
internal sealed class BatchProcessor(SampleProcessor one, TimeProvider time, int most)
{
    private readonly (int Index, long QueueUs, long PrepareUs, long PreparedAt)[] _prepared = new (int, long, long, long)[most];
    private double[] _features = [];
    private readonly PixelBuffer _decoded = new();

    /// <summary>Answers samples, as many at once as the model takes.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="count">How many of them.</param>
    /// <param name="model">The model.</param>
    /// <param name="endings">How each ended; failed until it is known otherwise.</param>
    public void Process(Sample[] samples, int count, LoadedModel model, SampleEnding[] endings)
    {
        Array.Fill(endings, SampleEnding.Failed, 0, count);
        for (var from = 0; from < count; from += model.Session.BatchMax)
            Process(samples, from, Math.Min(count, from + model.Session.BatchMax), model, endings);
    }

    private void Process(Sample[] samples, int from, int to, LoadedModel model, SampleEnding[] endings)
    {
        var (filled, width) = (0, model.Preparer.Features.Length);
        if (_features.Length < most * width)
            _features = new double[most * width];
        for (var i = from; i < to; i++)
        {
            var begun = time.GetTimestamp();
            var unfit = model.Preparer.Decode(samples[i], _decoded, out var pixels) ?? model.Preparer.Prepare(samples[i], pixels, model.Session.InputOf(filled));
            var prepared = time.GetTimestamp();
            var (queueUs, prepareUs) = (one.Microseconds(samples[i].CapturedAt, begun), one.Microseconds(begun, prepared));
            if (unfit is not null)
            {
                endings[i] = one.Tell(samples[i], model, new StageTimes(queueUs, prepareUs, 0, 0), null, [], unfit, isInputFault: true);
                continue;
            }

            model.Preparer.Features.CopyTo(_features.AsSpan(filled * width));
            _prepared[filled++] = (i, queueUs, prepareUs, prepared);
        }

        if (filled > 0)
            Run(samples, filled, model, endings);
    }

    private void Run(Sample[] samples, int filled, LoadedModel model, SampleEnding[] endings)
    {
        var started = time.GetTimestamp();
        var failure = one.Deadline.Run(model.Session, filled);
        var inferred = time.GetTimestamp();
        var width = model.Preparer.Features.Length;
        for (var at = 0; at < filled; at++)
        {
            var (index, queueUs, prepareUs, preparedAt) = _prepared[at];
            var begun = time.GetTimestamp();
            var answer = failure is null ? model.Reader.Read(model.Session, at) : null;
            var times = new StageTimes(
                queueUs + one.Microseconds(preparedAt, started), prepareUs, one.Microseconds(started, inferred), failure is null ? one.Microseconds(begun, time.GetTimestamp()) : 0);
            var error = failure ?? (answer is null ? SampleProcessor.NotANumber : null);
            endings[index] = one.Tell(samples[index], model, times, answer, _features.AsSpan(at * width, width), error, isInputFault: false);
        }
    }
}
