using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Benchmarks.FramePath;

/// <summary>A camera of decoded frames: the same noise each time, copied into the sample as a driver's buffer would be.</summary>
internal sealed class PixelCamera : ISampleSource
{
    private readonly PixelBuffer _frame = new();
    private long _number;

    public PixelCamera(int width, int height)
    {
        _frame.Resize(width, height);
        new Random(1).NextBytes(_frame.Rgbx);
    }

    public PixelBuffer Frame => _frame;

    public ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel)
    {
        into.Pixels.CopyFrom(_frame);
        into.GivePixels(SampleOrigin.Counted("camera", "frame", ++_number));
        return ValueTask.FromResult(SourceOutcome.Sample());
    }

    public void Dispose()
    {
    }
}
