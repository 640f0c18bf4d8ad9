using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>How readings of a stream become windows.</summary>
/// <param name="Columns">Names of the values in a line, in its order; empty to take the names that the model gives.</param>
/// <param name="Stride">Readings from the begin of a window to the begin of the next; 0 for windows without overlap.</param>
internal sealed record ReadingOptions(IReadOnlyList<string> Columns, int Stride);

/// <summary>
/// Gathers readings into windows as long as the active model takes them. A reading that is not all numbers is skipped and counted, so a window may span such a
/// gap; none spans a new beginning of the stream. The stream's side writes, the slot's side says what it wants.
/// </summary>
internal sealed class WindowGatherer(ReadingOptions options, LatestFrame latest, SourceCounters counters)
{
    private volatile WindowShape? _wanted;
    private WindowShape? _shape;
    private float[] _window = [];
    private int _filled;
    private int _toPass;
    private int _skipped;

    /// <summary>Usable readings so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Says what windows the active model takes.</summary>
    public void Want(InputSpec input)
    {
        if (_wanted is not { } wanted || wanted.Length != input.Length || !wanted.Columns.SequenceEqual(input.Columns!))
            _wanted = new WindowShape(input.Columns!, input.Length);
    }

    /// <summary>The columns to read now, in the model's order; a list that stays the same object while they do. Null before the model is known.</summary>
    public IReadOnlyList<string>? Columns
    {
        get
        {
            if (_wanted is { } wanted && wanted != _shape)
            {
                (_shape, _window) = (wanted, new float[wanted.Length * wanted.Columns.Count]);
                Restart();
            }

            return _shape?.Columns;
        }
    }

    /// <summary>Names of the values in a line, in its order.</summary>
    public IReadOnlyList<string> LineColumns => options.Columns.Count > 0 ? options.Columns : _shape?.Columns ?? [];

    /// <summary>Takes a reading in: a value a column.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        var shape = _shape!;
        Rows++;
        if (_toPass > 0)
        {
            _toPass--;
            return;
        }

        values.CopyTo(_window.AsSpan(_filled * values.Length));
        if (++_filled < shape.Length)
            return;

        latest.Writing.SetValues(_window);
        latest.Writing.RowsSkipped = _skipped;
        latest.Publish();
        var stride = options.Stride == 0 ? shape.Length : options.Stride;
        var kept = Math.Max(0, shape.Length - stride);
        _window.AsSpan((shape.Length - kept) * values.Length).CopyTo(_window);
        (_filled, _toPass, _skipped) = (kept, Math.Max(0, stride - shape.Length), 0);
    }

    /// <summary>A reading could not be used.</summary>
    public void Skip()
    {
        _skipped++;
        counters.AddRowsSkipped(1);
    }

    /// <summary>Forgets what is half gathered.</summary>
    public void Restart() => (_filled, _toPass) = (0, 0);

    private sealed record WindowShape(IReadOnlyList<string> Columns, int Length);
}
