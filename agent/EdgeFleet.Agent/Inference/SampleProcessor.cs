using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Inference;

/// <summary>How a sample ended in a model.</summary>
internal enum SampleEnding
{
    /// <summary>It was answered.</summary>
    Answered,

    /// <summary>It could not be prepared, or the model failed.</summary>
    Failed,

    /// <summary>It shows what the one before showed, and was passed over.</summary>
    Skipped,
}

/// <summary>Takes one sample through one model: prepare, run, read the answer, and tells the observers. Owned by its slot's thread.</summary>
internal sealed class SampleProcessor(SlotHost host, ISampleObserver[] observers, TimeProvider time, TimeSpan runTimeout) : IDisposable
{
    /// <summary>What is said of a sample that was answered so.</summary>
    public const string NotANumber = "The model answered with a value that is not a number.";

    private readonly RunDeadline _deadline = new(time, runTimeout);
    private readonly SceneGate? _scene = host.Options.SkipUnchanged is { } skip ? new SceneGate(skip, time) : null;
    private readonly PixelBuffer _decoded = new();

    /// <summary>Answers a sample.</summary>
    public SampleEnding Process(Sample sample, LoadedModel model)
    {
        var begun = time.GetTimestamp();
        var queueUs = Microseconds(sample.CapturedAt, begun);
        var unfit = model.Preparer.Decode(sample, _decoded, out var pixels);
        if (pixels is not null && _scene?.IsUnchanged(pixels, model) == true)
            return SampleEnding.Skipped;

        unfit ??= model.Preparer.Prepare(sample, pixels, model.Session.Input);
        var prepared = time.GetTimestamp();
        var times = new StageTimes(queueUs, Microseconds(begun, prepared), 0, 0);
        if (unfit is not null)
            return Tell(sample, model, times, null, [], unfit, isInputFault: true);

        var failure = _deadline.Run(model.Session);
        var inferred = time.GetTimestamp();
        times = times with { InferUs = Microseconds(prepared, inferred) };
        if (failure is not null)
            return Tell(sample, model, times, null, model.Preparer.Features, failure, isInputFault: false);

        if (pixels is not null)
            _scene?.Answered(model);
        var answer = model.Reader.Read(model.Session);
        times = times with { PostUs = Microseconds(inferred, time.GetTimestamp()) };
        return Tell(sample, model, times, answer, model.Preparer.Features, answer is null ? NotANumber : null, isInputFault: false);
    }

    /// <summary>The deadline of every run.</summary>
    public RunDeadline Deadline => _deadline;

    /// <inheritdoc/>
    public void Dispose() => _deadline.Dispose();

    /// <summary>Tells the observers what became of a sample.</summary>
    public SampleEnding Tell(Sample sample, LoadedModel model, StageTimes times, Answer? answer, ReadOnlySpan<double> features, string? error, bool isInputFault)
    {
        var result = new SampleResult
        {
            Slot = host.Slot,
            Sample = sample,
            Model = model,
            Answer = answer,
            Features = features,
            Times = times,
            Error = error,
            IsInputFault = isInputFault,
        };
        foreach (var observer in observers)
            observer.Observe(in result);
        return error is null ? SampleEnding.Answered : SampleEnding.Failed;
    }

    /// <summary>Whole microseconds between two instants.</summary>
    public long Microseconds(long from, long to) => (long)time.GetElapsedTime(from, to).TotalMicroseconds;
}
