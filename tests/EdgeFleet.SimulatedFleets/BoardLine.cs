using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.ControlPlane.Telemetry;

namespace EdgeFleet.SimulatedFleets;

/// <summary>
/// What one board measures. Levels differ from board to board; a board's own change between two days scatters by a few per cent, which is what a comparison has to see
/// through; heat of the day and drift of the inputs come to all boards alike.
/// </summary>
internal sealed class BoardLine
{
    private const int Labels = 5;
    private const long MinuteMs = 60_000;
    private const long HourMs = 60 * MinuteMs;
    private const int RowsMax = 400;
    private const double OwnLatency = 0.05;
    private const double OwnEnergy = 0.04;
    private const double OwnConfidence = 0.015;

    private readonly FleetTimes _times;
    private readonly double _latencyUs;
    private readonly double _energyUj;
    private readonly double _confidence;
    private readonly double _perMinute;
    private readonly double _ownLatency;
    private readonly double _ownEnergy;
    private readonly double _ownConfidence;
    private readonly double[] _mix = new double[Labels];
    private Draws _draws;
    private WindowFacts? _before;

    public BoardLine(ulong seed, FleetTimes times, double meterShare)
    {
        (_draws, _times) = (new Draws(seed), times);
        _latencyUs = 40_000 * Math.Exp(_draws.Normal(0.3));
        _energyUj = 300_000 * Math.Exp(_draws.Normal(0.3));
        _confidence = _draws.Between(0.75, 0.85);
        _perMinute = _draws.Between(6, 60);
        (_ownLatency, _ownEnergy, _ownConfidence) = (_draws.Normal(OwnLatency), _draws.Normal(OwnEnergy), _draws.Normal(OwnConfidence));
        IsDarkAtNight = _draws.Chance(0.3);
        HasMeter = _draws.Chance(meterShare);
        UploadLagMs = (long)(_draws.Between(0, 15) * MinuteMs);
        for (var i = 0; i < Labels; i++)
            _mix[i] = Math.Exp(_draws.Normal(0.5) - 0.4 * i);
        Normalise(_mix);
    }

    /// <summary>Its camera sees nothing at night.</summary>
    public bool IsDarkAtNight { get; }

    /// <summary>It has an energy meter.</summary>
    public bool HasMeter { get; }

    /// <summary>Age of its newest row that has been sent.</summary>
    public long UploadLagMs { get; }

    /// <summary>The day before the rollout.</summary>
    public WindowFacts Before(EvidenceWindows rows) => _before ??= Window(rows.BeforeFrom, rows.BeforeTo, 5, null, "old@1", true);

    /// <summary>Up to a look.</summary>
    /// <param name="from">Begin.</param>
    /// <param name="to">The newest row that has come.</param>
    /// <param name="model">What the package does, where it served; null on the earlier model.</param>
    /// <param name="hasProfile">An hour of the model has been closed and sent.</param>
    public WindowFacts After(long from, long to, ModelBehaviour? model, bool hasProfile) => Window(from, to, 1, model, "new@2", hasProfile);

    private WindowFacts Window(long from, long to, int minutesOfRow, ModelBehaviour? model, string label, bool hasProfile)
    {
        Span<FleetMinute> rows = new FleetMinute[RowsMax];
        var (count, answers, after) = (0, 0L, minutesOfRow == 1);
        for (var at = from; at + minutesOfRow * MinuteMs <= to && count < RowsMax; at += minutesOfRow * MinuteMs)
        {
            if (IsDarkAtNight && FleetTimes.IsNight(at))
                continue;
            rows[count] = Row(at, minutesOfRow, model, label, after);
            answers += rows[count++].Answered;
        }

        var drift = _draws.Normal(0.15) + 0.5 + (after ? 2 * _times.DriftAt(to) : 0);
        return WindowFacts.Of(rows[..count], hasProfile && count > 0 ? Outputs(Math.Min(answers, 3000), after ? _times.DriftAt(to) : 0, model) : null, drift);
    }

    private FleetMinute Row(long at, int minutes, ModelBehaviour? model, string label, bool after)
    {
        var (heat, drift) = (FleetTimes.HeatAt(at), _times.DriftAt(at));
        var own = after ? 1 : 0;
        var latency = _latencyUs * Math.Exp(0.06 * heat + own * _ownLatency + _draws.Normal(0.1)) * (model?.Latency ?? 1);
        var energy = _energyUj * Math.Exp(0.04 * heat + own * _ownEnergy + _draws.Normal(0.08)) * (model?.Energy ?? 1);
        var sure = _confidence + 0.03 * heat + own * _ownConfidence - 0.2 * drift - (model?.ConfidenceLess ?? 0) + _draws.Normal(0.02);
        var answered = (long)Math.Max(1, Math.Round(_perMinute * minutes * (1 + _draws.Normal(0.05))));
        return new FleetMinute(at, 60 * minutes, label, answered, _draws.Chance(0.01) ? 1 : 0, (long)latency, (int)Math.Clamp(1000 * sure, 0, 1000), HasMeter ? (long)energy : null);
    }

    // More scattered than counts alone would: what a camera sees hangs together.
    private long[] Outputs(long answers, double drift, ModelBehaviour? model)
    {
        var shares = new double[Labels];
        for (var i = 0; i < Labels; i++)
        {
            var seen = _mix[i] * Math.Exp(_draws.Normal(0.15)) * (i == 1 ? 1 + 3 * drift : 1);
            shares[i] = seen;
        }

        Normalise(shares);
        var outputs = new long[Labels];
        for (var i = 0; i < Labels; i++)
        {
            var share = shares[i];
            if (model is not null)
                share = (1 - model.Collapse) * ((1 - model.AtRandom) * share + model.AtRandom / Labels) + (i == 0 ? model.Collapse : 0);
            outputs[i] = (long)Math.Max(0, Math.Round(answers * share + _draws.Normal(Math.Sqrt(answers * share * (1 - share)))));
        }

        return outputs;
    }

    private static void Normalise(double[] shares)
    {
        var sum = 0.0;
        foreach (var share in shares)
            sum += share;
        for (var i = 0; i < shares.Length; i++)
            shares[i] /= sum;
    }
}
