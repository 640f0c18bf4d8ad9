using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>What is kept of one family in one segment: the baseline, or what is learned of it so far.</summary>
internal sealed record DriftSeriesRecord
{
    /// <summary>Key of the family that it holds for.</summary>
    public string Key { get; set; } = "";

    /// <summary>Samples in a window.</summary>
    public int Length { get; init; }

    /// <summary>When the first window of the baseline began, Unix ms.</summary>
    public long Begun { get; init; }

    /// <summary>Features with their bins; empty until the first window has set them.</summary>
    public IReadOnlyList<DriftFeature> Features { get; set; } = [];

    /// <summary>Windows learned so far; empty once there is a baseline.</summary>
    public IReadOnlyList<DriftWindow> Windows { get; set; } = [];

    /// <summary>The baseline; null while it is learned.</summary>
    public DriftBaseline? Baseline { get; init; }

    /// <summary>Which of the last windows differed, the newest last.</summary>
    public IReadOnlyList<bool> Recent { get; set; } = [];

    /// <summary>One of <see cref="DriftState"/>.</summary>
    public string State { get; set; } = DriftState.Learning;

    /// <summary>Windows judged.</summary>
    public long Judged { get; init; }

    /// <summary>Causes that the newest window that differed hints at.</summary>
    public IReadOnlyList<string> Causes { get; set; } = [];

    /// <summary>What drifted in it, the clearest first.</summary>
    public IReadOnlyList<DriftFeatureSize> Drifted { get; set; } = [];

    /// <summary>Largest distance in the newest window, hundredths of a spread.</summary>
    public int? Size { get; init; }
}

/// <summary>
/// Watches one family in one segment: the first window sets the bins, the next ones become the baseline, and then every window is judged. Pure but for its own state.
/// </summary>
internal sealed class DriftSeries
{
    private const int SurveyMax = 256;
    private const int FeaturesTold = 5;

    private readonly DriftFamily _family;
    private readonly DriftOptions _options;
    private readonly double _alpha;
    private readonly List<double>[] _survey;
    private readonly double[] _values;
    private DriftWindowBuilder? _window;
    private int _surveyed;

    /// <summary>Goes on with what was kept, if it is of the same family.</summary>
    /// <param name="family">The family.</param>
    /// <param name="kept">What was kept; null for nothing.</param>
    /// <param name="length">Samples in a window, where it begins anew.</param>
    /// <param name="alpha">Share of windows without drift that may be taken for drifted.</param>
    /// <param name="options">Options.</param>
    public DriftSeries(DriftFamily family, DriftSeriesRecord? kept, int length, double alpha, DriftOptions options)
    {
        (_family, _options, _alpha) = (family, options, alpha);
        Record = kept is not null && kept.Key == family.Key && Fits(kept) ? kept : new DriftSeriesRecord { Key = family.Key, Length = length };
        _survey = [.. family.Features.Select(_ => new List<double>())];
        _values = new double[family.Features.Count];
        if (Record.Features.Count > 0)
            _window = new DriftWindowBuilder(Record.Features, Record.Length);
    }

    /// <summary>What is to be kept.</summary>
    public DriftSeriesRecord Record { get; private set; }

    /// <summary>Room for the values of a sample, one a feature.</summary>
    public Span<double> Values => _values;

    /// <summary>Share of the baseline that is learned, 0 to 1.</summary>
    public double Progress(long now) => Record.Baseline is not null
        ? 1
        : Math.Min(0.99, Math.Max(
            (double)Record.Windows.Count / _options.LearnWindows,
            Math.Min(DaysSince(now) / Math.Max(1e-9, _options.LearnDays), (double)Record.Windows.Count / _options.LearnWindowsMin)));

    /// <summary>Folds <see cref="Values"/> in.</summary>
    /// <returns>The window that it closed, when there are bins; null otherwise.</returns>
    public DriftWindow? Add(long now)
    {
        if (_window is null)
        {
            Survey(now);
            return null;
        }

        if (_window.Add(now, _values) is not { } window)
            return null;

        Record = Record.Baseline is null ? Learn(window, now) : Judge(window, Record.Baseline);
        return window;
    }

    private static bool Fits(DriftSeriesRecord kept) =>
        kept.Length > 0 && kept.Windows.All(w => w.Features.Count == kept.Features.Count) && (kept.Baseline is null || kept.Baseline.Features.Count == kept.Features.Count);

    private void Survey(long now)
    {
        var every = Math.Max(1, Record.Length / SurveyMax);
        if (_surveyed++ % every == 0)
        {
            for (var i = 0; i < _values.Length; i++)
                _survey[i].Add(_values[i]);
        }

        if (_surveyed < Record.Length)
            return;

        Record = Record with
        {
            Begun = now,
            Features = [.. _family.Features.Select((f, i) => new DriftFeature { Name = f.Name, Floor = f.Floor, Edges = DriftBins.From(_survey[i], f.Floor) })],
        };
        foreach (var values in _survey)
            values.Clear();
        _window = new DriftWindowBuilder(Record.Features, Record.Length);
    }

    private DriftSeriesRecord Learn(DriftWindow window, long now)
    {
        IReadOnlyList<DriftWindow> windows = [.. Record.Windows, window];
        var isLearned = windows.Count >= _options.LearnWindows || (windows.Count >= _options.LearnWindowsMin && DaysSince(now) >= _options.LearnDays);
        return isLearned
            ? Record with { Windows = [], Baseline = DriftBaseline.Learn(Record.Features, windows, _alpha), State = DriftState.Steady }
            : Record with { Windows = windows };
    }

    private DriftSeriesRecord Judge(DriftWindow window, DriftBaseline baseline)
    {
        var verdict = baseline.Judge(window);
        IReadOnlyList<bool> recent = [.. Record.Recent.TakeLast(_options.Of - 1), verdict.HasDrifted];
        var isDrifting = _options.Vote.Decide(Record.State == DriftState.Drifting, recent);
        var told = verdict.HasDrifted
            ? Record with { Causes = DriftCauses.Of(verdict), Drifted = [.. verdict.Drifted.Take(FeaturesTold).Select(SizeOf)] }
            : isDrifting ? Record : Record with { Causes = [], Drifted = [] };
        return told with
        {
            Recent = recent,
            Judged = Record.Judged + 1,
            State = isDrifting ? DriftState.Drifting : DriftState.Steady,
            Size = Hundredths(verdict.Features.Max(f => f.Distance)),
        };
    }

    private double DaysSince(long now) => Record.Begun == 0 ? 0 : Math.Max(0, now - Record.Begun) / 86_400_000.0;

    private static DriftFeatureSize SizeOf(FeatureDrift feature) => new() { Name = feature.Name, Size = Hundredths(feature.Distance), Up = feature.Shift > 0 };

    private static int Hundredths(double spreads) => (int)Math.Min(1_000_000, Math.Round(100 * spreads));
}
