namespace EdgeFleet.Shared.Models;

/// <summary>
/// Pixels to the input tensor exactly as the manifest says: bilinear with half-pixel centres, rounded to whole pixel values as
/// Pillow does between its two passes, then colour order, scale, offset and layout. One instance has one caller at a time.
/// </summary>
public sealed class ImagePreparer
{
    private readonly InputSpec _spec;
    private readonly float[] _scale;
    private readonly float[] _offset;
    private ResizeTable? _columns;
    private ResizeTable? _rows;
    private readonly ImageStatistics _statistics = new();
    private readonly byte[] _row;
    private byte[] _narrow = [];

    /// <summary>A preparer for an image input.</summary>
    public ImagePreparer(InputSpec spec)
    {
        _spec = spec;
        _scale = [.. spec.Scale];
        _offset = [.. spec.Offset];
        _row = new byte[spec.Width * 4];
    }

    /// <summary>Statistics of the last picture's resized pixels, in the order of <see cref="ImageFeatures.All"/>.</summary>
    public ReadOnlySpan<double> Features => _statistics.Values;

    /// <summary>Fills the tensor.</summary>
    /// <param name="image">Decoded image.</param>
    /// <param name="tensor">Room for <see cref="InputSpec.Elements"/> values.</param>
    public void Prepare(PixelBuffer image, Span<float> tensor)
    {
        var (width, height, antialias) = (_spec.Width, _spec.Height, _spec.Resize!.Antialias);
        _columns = ResizeTable.For(_columns, image.Width, width, antialias);
        _rows = ResizeTable.For(_rows, image.Height, height, antialias);
        if (_narrow.Length < width * image.Height * 3)
            _narrow = new byte[width * image.Height * 3];

        Narrow(image, _columns);
        _statistics.Begin(width, height);
        var planes = _spec.Layout == "NCHW";
        var swap = _spec.ColourOrder == "BGR";
        for (var y = 0; y < height; y++)
        {
            var (first, weights) = _rows.At(y);
            for (var x = 0; x < width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var sum = ResizeTable.Half;
                    for (var k = 0; k < weights.Length; k++)
                        sum += _narrow[((first + k) * width + x) * 3 + c] * weights[k];

                    var value = ResizeTable.ToByte(sum);
                    _row[x * 4 + c] = value;
                    var channel = swap ? 2 - c : c;
                    tensor[planes ? (channel * height + y) * width + x : (y * width + x) * 3 + channel] = value * _scale[channel] + _offset[channel];
                }
            }

            _statistics.Add(_row);
        }
    }

    private void Narrow(PixelBuffer image, ResizeTable columns)
    {
        var width = _spec.Width;
        var pixels = image.Rgbx;
        for (var y = 0; y < image.Height; y++)
        {
            var row = pixels.Slice(y * image.Width * 4, image.Width * 4);
            for (var x = 0; x < width; x++)
            {
                var (first, weights) = columns.At(x);
                var (red, green, blue) = (ResizeTable.Half, ResizeTable.Half, ResizeTable.Half);
                for (var k = 0; k < weights.Length; k++)
                {
                    var at = (first + k) * 4;
                    red += row[at] * weights[k];
                    green += row[at + 1] * weights[k];
                    blue += row[at + 2] * weights[k];
                }

                var to = (y * width + x) * 3;
                _narrow[to] = ResizeTable.ToByte(red);
                _narrow[to + 1] = ResizeTable.ToByte(green);
                _narrow[to + 2] = ResizeTable.ToByte(blue);
            }
        }
    }
}
