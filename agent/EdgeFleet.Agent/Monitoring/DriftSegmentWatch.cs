using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>What is kept of one segment.</summary>
internal sealed record DriftSegmentRecord
{
    /// <summary>Inputs.</summary>
    public DriftSeriesRecord Inputs { get; set; } = new();

    /// <summary>Answers.</summary>
    public DriftSeriesRecord Answers { get; set; } = new();

    /// <summary>Since when the state is as it is, Unix ms.</summary>
    public long Since { get; init; }
}

/// <summary>Watches one segment of a slot under one model: its inputs, its answers, and how right these may be.</summary>
internal sealed class DriftSegmentWatch
{
    private const int FeaturesTold = 5;

    private readonly string _segment;
    private readonly DriftFamily _inputFamily;
    private readonly DriftFamily _answerFamily;
    private readonly DriftSeries _inputs;
    private readonly DriftSeries _answers;
    private readonly VariantCalibration _calibration;
    private readonly long[] _byStep;
    private AccuracyEstimate? _accuracy;
    private long _above;
    private long _answered;
    private long _windowBegin;
    private long? _perMinute;
    private long _since;

    /// <summary>Goes on with what was kept.</summary>
    public DriftSegmentWatch(string segment, LoadedModel model, DriftSegmentRecord? kept, int length, DriftOptions options)
    {
        _segment = segment;
        Model = model;
        _calibration = model.Reference.CalibrationOf(model.Variant.Name);
        _byStep = new long[_calibration.Steps.Count];
        (_inputFamily, _answerFamily) = (DriftFamily.OfInputs(model.Manifest.Input), DriftFamily.OfAnswers(model));
        // Two families share the false alarms.
        _inputs = new DriftSeries(_inputFamily, kept?.Inputs, length, options.FalseAlarms / 2, options);
        _answers = new DriftSeries(_answerFamily, kept?.Answers, length, options.FalseAlarms / 2, options);
        // Another model may have changed the state: it is as old as that.
        _since = kept is not null && State == Worst(kept.Inputs.State, kept.Answers.State) ? kept.Since : 0;
    }

    /// <summary>The model whose answers are watched.</summary>
    public LoadedModel Model { get; }

    /// <summary>What is to be kept.</summary>
    public DriftSegmentRecord Record => new() { Inputs = _inputs.Record, Answers = _answers.Record, Since = _since };

    /// <summary>One of <see cref="DriftState"/>: the worst of both families.</summary>
    public string State => Worst(_inputs.Record.State, _answers.Record.State);

    /// <summary>Windows of the last few that differed, of the family where most did.</summary>
    public int Seen => Math.Max(_inputs.Record.Recent.Count(r => r), _answers.Record.Recent.Count(r => r));

    /// <summary>Counts an answer that no window takes in.</summary>
    public void Count() => _answered++;

    /// <summary>Folds an answered result in.</summary>
    /// <returns>True when a window closed: what is kept has changed.</returns>
    public bool Add(in SampleResult result, long now)
    {
        var before = State;
        _inputFamily.Read(result, _inputs.Values);
        _answerFamily.Read(result, _answers.Values);
        CountAccuracy(result.Confidence, now);
        var hadBins = (_inputs.Record.Features.Count, _answers.Record.Features.Count);
        var (input, answer) = (_inputs.Add(now), _answers.Add(now));
        if (answer is not null)
            CloseAccuracy(answer, now);
        if (State != before || _since == 0)
            _since = now;
        return input is not null || answer is not null || hadBins != (_inputs.Record.Features.Count, _answers.Record.Features.Count);
    }

    /// <summary>The segment in the words of the wire.</summary>
    public DriftSegment Describe(long now)
    {
        var (inputs, answers) = (_inputs.Record, _answers.Record);
        return new DriftSegment
        {
            Segment = _segment,
            State = State,
            Since = _since,
            Progress = Math.Round(Math.Min(_inputs.Progress(now), _answers.Progress(now)), 2),
            Windows = Math.Max(inputs.Judged, answers.Judged),
            Causes = State == DriftState.Drifting ? [.. CausesOf(inputs).Concat(CausesOf(answers)).Distinct()] : [],
            Features = State == DriftState.Drifting ? [.. inputs.Drifted.Concat(answers.Drifted).OrderByDescending(f => f.Size).Take(FeaturesTold)] : [],
            Accuracy = Thousandths(_accuracy?.Share),
            AccuracyLow = Thousandths(_accuracy?.Low),
            AccuracyHigh = Thousandths(_accuracy?.High),
            PerMinute = _perMinute,
        };
    }

    /// <summary>Largest distance from the baseline in the newest windows; null while they are learned.</summary>
    public int? Size => (_inputs.Record.Size, _answers.Record.Size) is (null, null) ? null : Math.Max(_inputs.Record.Size ?? 0, _answers.Record.Size ?? 0);

    /// <summary>The worst of two states.</summary>
    public static string Worst(string a, string b) =>
        a == DriftState.Drifting || b == DriftState.Drifting ? DriftState.Drifting
        : a == DriftState.Learning || b == DriftState.Learning ? DriftState.Learning : DriftState.Steady;

    private static IReadOnlyList<string> CausesOf(DriftSeriesRecord record) => record.State == DriftState.Drifting ? record.Causes : [];

    private void CountAccuracy(double confidence, long now)
    {
        if (_windowBegin == 0)
            _windowBegin = now;
        _answered++;
        if (Calibration.StepOf(_calibration.Steps, confidence) is >= 0 and var step)
            _byStep[step]++;
        if (_calibration.Threshold is { } threshold && confidence >= threshold)
            _above++;
    }

    private void CloseAccuracy(DriftWindow window, long now)
    {
        _accuracy = AccuracyEstimate.Of(_calibration.Steps, _byStep, _calibration.Threshold is null ? null : _above, window.Features[0].Inflation);
        // A window that went on after a night has no rate of its own.
        var minutes = (now - _windowBegin) / 60_000.0;
        _perMinute = minutes is > 0 and < 12 * 60 ? (long)Math.Round(1000 * _answered / minutes) : null;
        Array.Clear(_byStep);
        (_above, _answered, _windowBegin) = (0, 0, 0);
    }

    private static int? Thousandths(double? share) => share is { } s ? (int)Math.Round(1000 * s) : null;
}
