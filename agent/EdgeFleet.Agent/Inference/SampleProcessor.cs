using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Inference;

/// <summary>Takes one sample through one model: prepare, run, read the answer, and tells the observers. Owned by its slot's thread.</summary>
internal sealed class SampleProcessor(SlotName slot, ISampleObserver[] observers, TimeProvider time, TimeSpan runTimeout) : IDisposable
{
    private readonly RunDeadline _deadline = new(time, runTimeout);
    private readonly PixelBuffer _pixels = new();

    /// <summary>Answers a sample.</summary>
    /// <returns>True when it was answered without failure.</returns>
    public bool Process(Sample sample, LoadedModel model)
    {
        var begun = time.GetTimestamp();
        var queueUs = Microseconds(sample.CapturedAt, begun);
        var unfit = model.Preparer.Prepare(sample, _pixels, model.Session.Input);
        var prepared = time.GetTimestamp();
        var times = new StageTimes(queueUs, Microseconds(begun, prepared), 0, 0);
        if (unfit is not null)
            return Tell(sample, model, times, null, unfit, isInputFault: true);

        var failure = _deadline.Run(model.Session);
        var inferred = time.GetTimestamp();
        times = times with { InferUs = Microseconds(prepared, inferred) };
        if (failure is not null)
            return Tell(sample, model, times, null, failure, isInputFault: false);

        var answer = model.Reader.Read(model.Session);
        times = times with { PostUs = Microseconds(inferred, time.GetTimestamp()) };
        return Tell(sample, model, times, answer, answer is null ? "The model answered with a value that is not a number." : null, isInputFault: false);
    }

    /// <inheritdoc/>
    public void Dispose() => _deadline.Dispose();

    private bool Tell(Sample sample, LoadedModel model, StageTimes times, Answer? answer, string? error, bool isInputFault)
    {
        var result = new SampleResult
        {
            Slot = slot,
            Sample = sample,
            Model = model,
            Answer = answer,
            Features = isInputFault ? [] : model.Preparer.Features,
            Times = times,
            Error = error,
            IsInputFault = isInputFault,
        };
        foreach (var observer in observers)
            observer.Observe(in result);
        return error is null;
    }

    private long Microseconds(long from, long to) => (long)time.GetElapsedTime(from, to).TotalMicroseconds;
}
