using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Models;

/// <summary>
/// The input tensors of a golden set: read where they are shipped, prepared from the photo where they are not. A photo that this machine prepares otherwise than
/// the package says is a fault of the preparation, said as one and never charged to the model. One caller at a time.
/// </summary>
public sealed class GoldenInputs : IDisposable
{
    // Decoders of different machines may round apart by one pixel level; another resize, scale or colour order is farther off.
    private const double LevelsMax = 1.0;

    // Enough to tell a resize from another, and 1 kB an item.
    private const int ValuesKept = 251;

    private readonly GoldenSet _set;
    private readonly InputSpec _input;
    private readonly Func<FileRef, string> _pathOf;
    private readonly FileStream? _tensors;
    private readonly int[] _at; // Place in the file of tensors by item, -1 for one that is prepared.
    private readonly ImagePreparer? _preparer;
    private readonly PixelBuffer _pixels = new();
    private float[] _second = [];

    private GoldenInputs(GoldenSet set, InputSpec input, Func<FileRef, string> pathOf, FileStream? tensors, int[] at)
    {
        (_set, _input, _pathOf, _tensors, _at) = (set, input, pathOf, tensors, at);
        _preparer = input.Kind == "image" ? new ImagePreparer(input) : null;
    }

    /// <summary>Opens the tensors and checks that there is a source of every one.</summary>
    /// <exception cref="InvalidDataException">The set is faulty.</exception>
    public static GoldenInputs Open(GoldenSet set, InputSpec input, Func<FileRef, string> pathOf)
    {
        if (set.Items.Count == 0)
            throw new InvalidDataException("The golden set has no items; at least one item is needed.");
        var next = 0;
        var at = set.Items.Select(i => i.Prepared is null ? next++ : -1).ToArray();
        if (set.Items.FirstOrDefault(i => i.Prepared is not null && (i.Source is null || input.Kind != "image" || i.Prepared.Values.Length is 0 or > 65536 || i.Prepared.Values.Length % sizeof(float) != 0)) is { } unready)
            throw new InvalidDataException($"Golden item {set.Items.ToList().IndexOf(unready)} ships neither its tensor nor a photo to prepare it from.");
        if (next == 0)
            return new GoldenInputs(set, input, pathOf, null, at);

        var wanted = (long)next * input.Elements * sizeof(float);
        if (set.Tensors is null)
            throw new InvalidDataException($"The golden set ships no tensors; {next} items need {wanted} bytes.");
        var file = File.OpenRead(pathOf(set.Tensors));
        if (file.Length == wanted)
            return new GoldenInputs(set, input, pathOf, file, at);

        var length = file.Length;
        file.Dispose();
        throw new InvalidDataException($"The golden tensors have {length} bytes; {next} items need {wanted}.");
    }

    /// <summary>What a tensor is known by.</summary>
    public static PreparedTensor Describe(ReadOnlySpan<float> tensor)
    {
        var values = new byte[Math.Min(ValuesKept, tensor.Length) * sizeof(float)];
        for (var i = 0; i < values.Length / sizeof(float); i++)
            BinaryPrimitives.WriteSingleLittleEndian(values.AsSpan(i * sizeof(float)), tensor[PlaceOf(i, tensor.Length)]);
        return new PreparedTensor { Digest = DigestOf(tensor), Values = values };
    }

    /// <summary>Fills in the tensor of one item; a photo's preparation is checked on the way.</summary>
    /// <exception cref="InvalidDataException">This machine prepares the photo otherwise, or cannot.</exception>
    public void Fill(int item, Span<float> tensor)
    {
        if (_at[item] < 0)
            Prepare(_set.Items[item], tensor);
        else
            Read(_at[item], tensor);
    }

    /// <summary>For an item that ships both tensor and photo: whether the one becomes the other here.</summary>
    /// <exception cref="InvalidDataException">This machine prepares the photo otherwise, or cannot.</exception>
    public void CheckShipped(int item)
    {
        if (_preparer is null || _at[item] < 0 || _set.Items[item].Source is not { } source)
            return;

        var mine = new float[_input.Elements];
        _second = _second.Length == mine.Length ? _second : new float[mine.Length];
        Decode(source, mine);
        Read(_at[item], _second);
        var apart = 0.0;
        for (var i = 0; i < mine.Length; i++)
            apart += Math.Abs(mine[i] - _second[i]);
        CheckLevels(source, apart / mine.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _tensors?.Dispose();

    private void Read(int at, Span<float> into)
    {
        _tensors!.Position = (long)at * into.Length * sizeof(float);
        _tensors.ReadExactly(MemoryMarshal.AsBytes(into));
    }

    private void Prepare(GoldenItem item, Span<float> tensor)
    {
        Decode(item.Source!, tensor);
        if (DigestOf(tensor) == item.Prepared!.Digest)
            return;

        var values = item.Prepared.Values;
        var apart = 0.0;
        var count = values.Length / sizeof(float);
        for (var i = 0; i < count; i++)
            apart += Math.Abs(BinaryPrimitives.ReadSingleLittleEndian(values.AsSpan(i * sizeof(float))) - tensor[PlaceOf(i, tensor.Length)]);
        CheckLevels(item.Source!, apart / count);
    }

    private void Decode(FileRef source, Span<float> tensor)
    {
        try
        {
            ImageDecoder.Decode(File.ReadAllBytes(_pathOf(source)), _pixels);
        }
        catch (ImageException e)
        {
            throw new InvalidDataException($"{source.Path} cannot be prepared: {e.Message}", e);
        }

        _preparer!.Prepare(_pixels, tensor);
    }

    private void CheckLevels(FileRef source, double apart)
    {
        var levels = apart / _input.Scale.Average(Math.Abs);
        if (!(levels <= LevelsMax))
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"This machine prepares {source.Path} otherwise than the package says: {levels:0.00} pixel levels apart on average (at most {LevelsMax:0.0}). Resize, scale, offset or colour order of the manifest do not fit."));
    }

    // Multiplying by an odd prime scatters the places over rows, columns and channels.
    private static int PlaceOf(int value, int length) => (int)(value * 2_654_435_761L % length);

    private static Sha256Digest DigestOf(ReadOnlySpan<float> tensor) => Sha256Digest.Of(MemoryMarshal.AsBytes(tensor));
}
