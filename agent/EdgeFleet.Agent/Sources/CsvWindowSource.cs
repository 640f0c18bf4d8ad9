using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources;

/// <summary>
/// Readings of a CSV file, cut into windows as long as the active model takes them. A row that is not all numbers is skipped and counted, so a window may span
/// such a gap; no window spans the seam where the file begins again.
/// </summary>
internal sealed class CsvWindowSource(CsvOptions options) : ISampleSource
{
    private readonly string _name = Path.GetFileName(options.File);
    private CsvRows? _rows;
    private IReadOnlyList<string> _columns = [];
    private float[] _window = [];
    private int _filled;
    private long _firstRow;
    private long _toPass;
    private bool _gaveThisPass;

    /// <inheritdoc/>
    public ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel) => ValueTask.FromResult(Read(input, into, cancel));

    /// <inheritdoc/>
    public void Dispose() => _rows?.Dispose();

    private SourceOutcome Read(InputSpec input, Sample into, CancellationToken cancel)
    {
        if (input.Kind != "series")
            return SourceOutcome.Stalled($"The slot's source gives readings, and the model takes {input.Kind}.", "Put a series model into this slot, or give the slot another source.");

        var columns = options.Columns.Count > 0 ? options.Columns : input.Columns!;
        if (columns.Count != input.Channels)
        {
            return SourceOutcome.Stalled(
                $"The slot gives {columns.Count} column(s), {string.Join(", ", columns)}; the model takes {input.Channels}, {string.Join(", ", input.Columns!)}.",
                "List as many Columns for this slot in the agent's configuration as the model takes, in its order.");
        }

        try
        {
            Shape(input, columns);
            return OpenFault(columns) ?? NextWindow(input, into, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            return SourceOutcome.Stalled($"{options.File} cannot be read: {e.Message}", "Check that the file is there and that the agent's user may read it.");
        }
    }

    private SourceOutcome NextWindow(InputSpec input, Sample into, CancellationToken cancel)
    {
        var skipped = 0;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            switch (_rows!.Next(_window.AsSpan(_filled * input.Channels, input.Channels)))
            {
                case null:
                    if (EndOfPass(input) is { } end)
                        return end;
                    continue;
                case false:
                    skipped++;
                    continue;
                case true when _toPass > 0:
                    _toPass--;
                    continue;
            }

            _firstRow = _filled == 0 ? _rows.RowNumber : _firstRow;
            if (++_filled == input.Length)
            {
                Cut(input, into);
                return SourceOutcome.Sample(skipped);
            }
        }
    }

    private void Cut(InputSpec input, Sample into)
    {
        _window.CopyTo(into.RoomForWindow(_window.Length));
        into.GiveWindow(_window.Length, SampleOrigin.Rows(_name, _firstRow, _rows!.RowNumber));
        var stride = options.Stride == 0 ? input.Length : options.Stride;
        var kept = Math.Max(0, input.Length - stride);
        _window.AsSpan((input.Length - kept) * input.Channels).CopyTo(_window);
        _filled = kept;
        _firstRow += stride;
        _toPass = Math.Max(0, stride - input.Length);
        _gaveThisPass = true;
    }

    private SourceOutcome? EndOfPass(InputSpec input)
    {
        var rows = _rows!.RowNumber;
        var gave = _gaveThisPass;
        Close();
        if (!gave)
            return SourceOutcome.Stalled($"{options.File} has {rows} rows, too few usable ones for a window of {input.Length} readings.", "Check that the sensor still writes numbers there.");
        return options.Loop ? OpenFault(options.Columns.Count > 0 ? options.Columns : input.Columns!) : SourceOutcome.Ended;
    }

    private SourceOutcome? OpenFault(IReadOnlyList<string> columns)
    {
        if (_rows is not null)
            return null;

        _rows = CsvRows.Open(options.File, columns, out var fault);
        return _rows is null ? SourceOutcome.Stalled(fault, "Correct Columns of this slot in the agent's configuration, or the program that writes the file.") : null;
    }

    // Another model may take other windows; what was gathered for the last one is of no use to it.
    private void Shape(InputSpec input, IReadOnlyList<string> columns)
    {
        if (_window.Length == input.Elements && ReferenceEquals(columns, _columns))
            return;

        var same = _window.Length == input.Elements && columns.SequenceEqual(_columns);
        _columns = columns;
        if (same)
            return;

        Close();
        _window = new float[input.Elements];
    }

    private void Close()
    {
        _rows?.Dispose();
        _rows = null;
        (_filled, _toPass, _gaveThisPass) = (0, 0, false);
    }
}
