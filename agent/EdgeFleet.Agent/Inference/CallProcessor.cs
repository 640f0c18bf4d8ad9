using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>Takes one call through the slot's model. Owned by the slot's thread.</summary>
internal sealed class CallProcessor(TimeProvider time, TimeSpan runTimeout) : IDisposable
{
    private readonly RunDeadline _deadline = new(time, runTimeout);
    private readonly PixelBuffer _decoded = new();

    /// <summary>Answers a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="model">The model that is leased.</param>
    public CallAnswer Process(ModelCall call, LoadedModel model)
    {
        if (call.Model != model)
            return new CallAnswer.Changed();

        var begun = time.GetTimestamp();
        if (Fill(call, model) is { } unfit)
            return new CallAnswer.Unfit(unfit);

        var prepared = time.GetTimestamp();
        if (_deadline.Run(model.Session) is { } failure)
            return new CallAnswer.Failed(failure);

        var inferred = time.GetTimestamp();
        float[][] outputs = [.. Enumerable.Range(0, model.Session.OutputInfos.Count).Select(o => model.Session.OutputOf(0, o).ToArray())];
        var answer = model.Reader.Read(model.Session);
        var times = new StageTimes(Microseconds(call.AskedAt, begun), Microseconds(begun, prepared), Microseconds(prepared, inferred), Microseconds(inferred, time.GetTimestamp()));
        return answer is null ? new CallAnswer.Failed("The model answered with a value that is not a number.") : new CallAnswer.Answered(outputs, ReadAnswer.Of(answer), times);
    }

    /// <inheritdoc/>
    public void Dispose() => _deadline.Dispose();

    private string? Fill(ModelCall call, LoadedModel model)
    {
        if (call.Tensor is { } tensor)
        {
            tensor.CopyTo(model.Session.Input);
            return null;
        }

        return model.Preparer.Decode(call.Sample!, _decoded, out var pixels) ?? model.Preparer.Prepare(call.Sample!, pixels, model.Session.Input);
    }

    private long Microseconds(long from, long to) => (long)time.GetElapsedTime(from, to).TotalMicroseconds;
}
