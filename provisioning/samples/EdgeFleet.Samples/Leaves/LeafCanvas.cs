using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Leaves;

/// <summary>A colour; channels from 0 to 255.</summary>
internal readonly record struct Colour(double Red, double Green, double Blue)
{
    /// <summary>Between this colour and another; 0 is this one.</summary>
    public Colour Towards(Colour other, double share) => new(
        Red + ((other.Red - Red) * share), Green + ((other.Green - Green) * share), Blue + ((other.Blue - Blue) * share));

    /// <summary>Brighter or darker.</summary>
    public Colour Times(double factor) => new(Red * factor, Green * factor, Blue * factor);
}

/// <summary>A square picture in scalar arithmetic only, so that a seed gives the same pixels on every machine.</summary>
internal sealed class LeafCanvas
{
    private readonly Colour[] _pixels;
    private readonly double[] _roughness;
    private readonly int _cells;

    /// <summary>An empty picture with a random roughness that makes edges irregular.</summary>
    public LeafCanvas(int size, SeededRandom random)
    {
        Size = size;
        _pixels = new Colour[size * size];
        _cells = (size / CellSize) + 2;
        _roughness = new double[_cells * _cells];
        for (var i = 0; i < _roughness.Length; i++) _roughness[i] = random.Between(-1, 1);
    }

    private const int CellSize = 6;

    /// <summary>Pixels on a side.</summary>
    public int Size { get; }

    /// <summary>The colour of each pixel becomes what <paramref name="paint"/> makes of place and colour.</summary>
    public void Paint(Func<int, int, Colour, Colour> paint)
    {
        for (var y = 0; y < Size; y++)
            for (var x = 0; x < Size; x++) _pixels[(y * Size) + x] = paint(x, y, _pixels[(y * Size) + x]);
    }

    /// <summary>Paints only near a place; <paramref name="paint"/> gets the distance to it, made uneven by <paramref name="rough"/> pixels.</summary>
    public void PaintNear(double centreX, double centreY, double reach, double rough, Func<double, Colour, Colour> paint)
    {
        int left = Math.Max(0, (int)(centreX - reach)), right = Math.Min(Size - 1, (int)(centreX + reach));
        int top = Math.Max(0, (int)(centreY - reach)), bottom = Math.Min(Size - 1, (int)(centreY + reach));
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                double dx = x - centreX, dy = y - centreY;
                var distance = Math.Sqrt((dx * dx) + (dy * dy)) + (rough * Roughness(x, y));
                _pixels[(y * Size) + x] = paint(distance, _pixels[(y * Size) + x]);
            }
        }
    }

    /// <summary>Smooth noise from -1 to 1, fixed for this picture.</summary>
    public double Roughness(int x, int y)
    {
        int cellX = x / CellSize, cellY = y / CellSize;
        double partX = (double)(x % CellSize) / CellSize, partY = (double)(y % CellSize) / CellSize;
        double At(int column, int row) => _roughness[(row * _cells) + column];
        var upper = At(cellX, cellY) + ((At(cellX + 1, cellY) - At(cellX, cellY)) * partX);
        var lower = At(cellX, cellY + 1) + ((At(cellX + 1, cellY + 1) - At(cellX, cellY + 1)) * partX);
        return upper + ((lower - upper) * partY);
    }

    /// <summary>RGB bytes, row by row.</summary>
    public byte[] ToRgb()
    {
        var rgb = new byte[_pixels.Length * 3];
        for (var i = 0; i < _pixels.Length; i++)
        {
            rgb[3 * i] = ToByte(_pixels[i].Red);
            rgb[(3 * i) + 1] = ToByte(_pixels[i].Green);
            rgb[(3 * i) + 2] = ToByte(_pixels[i].Blue);
        }

        return rgb;
    }

    private static byte ToByte(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
}
