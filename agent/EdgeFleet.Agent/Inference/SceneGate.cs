using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>
/// Tells frames of an unchanged scene. A frame is shrunk to a small grey picture by sampling, and compared, part by part, with that of the last frame that was
/// answered: so slow changes add up until they are seen. Owned by the slot's thread.
/// </summary>
internal sealed class SceneGate(SkipOptions options, TimeProvider time)
{
    private const int Columns = 32;
    private const int Rows = 24;
    private const int SamplesAcross = 5; // A part's grey is the mean of 25 pixels, which keeps a sensor's noise down.

    private readonly int[] _now = new int[Columns * Rows];
    private readonly int[] _answered = new int[Columns * Rows];
    private LoadedModel? _model;
    private long _answeredAt;

    /// <summary>True when this frame may be passed over: the same model has answered one like it not long ago.</summary>
    public bool IsUnchanged(PixelBuffer pixels, LoadedModel model)
    {
        Shrink(pixels);
        if (_model != model || time.GetElapsedTime(_answeredAt).TotalSeconds >= options.AtMostSeconds)
            return false;

        var least = options.Difference * SamplesAcross * SamplesAcross;
        for (var i = 0; i < _now.Length; i++)
        {
            if (Math.Abs(_now[i] - _answered[i]) >= least)
                return false;
        }

        return true;
    }

    /// <summary>The frame that was looked at last has been answered by a model.</summary>
    public void Answered(LoadedModel model)
    {
        _now.CopyTo(_answered, 0);
        (_model, _answeredAt) = (model, time.GetTimestamp());
    }

    private void Shrink(PixelBuffer pixels)
    {
        var (width, height) = (pixels.Width, pixels.Height);
        ReadOnlySpan<byte> rgbx = pixels.Rgbx;
        Array.Clear(_now);
        for (var j = 0; j < Rows * SamplesAcross; j++)
        {
            var row = rgbx.Slice((int)((2L * j + 1) * height / (2 * Rows * SamplesAcross)) * width * 4, width * 4);
            for (var i = 0; i < Columns * SamplesAcross; i++)
            {
                var at = (int)((2L * i + 1) * width / (2 * Columns * SamplesAcross)) * 4;
                // Grey by the weights of BT.601 in 256ths.
                _now[j / SamplesAcross * Columns + i / SamplesAcross] += (77 * row[at] + 150 * row[at + 1] + 29 * row[at + 2]) >> 8;
            }
        }
    }
}
