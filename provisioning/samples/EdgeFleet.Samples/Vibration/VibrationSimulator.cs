using EdgeFleet.Samples.Exact;

namespace EdgeFleet.Samples.Vibration;

/// <summary>
/// Simulated acceleration of a bearing housing: shaft harmonics, noise, and for a fault impulses at the textbook defect frequency, with
/// slip, modulated by the load zone (inner: shaft; ball: cage), each ringing the housing's resonance.
/// </summary>
internal sealed class VibrationSimulator
{
    /// <summary>Samples a second.</summary>
    public const int SampleRateHz = 4000;

    private const double SlipShare = 0.01;

    private readonly SeededRandom _random;
    private readonly BearingState _state;
    private readonly double _shaftHz, _impulse, _noise, _phase;
    private readonly double[] _harmonics;
    private readonly double _feedback1, _feedback2;
    private double _ring1, _ring2, _untilImpulse, _modulationPhase;
    private long _sample;

    /// <summary>A machine drawn at random: its speed, resonance, load, noise and how bad the fault is.</summary>
    public VibrationSimulator(BearingState state, SeededRandom random)
    {
        (_state, _random) = (state, random);
        _shaftHz = random.Between(28.8, 30.2);
        _harmonics = [random.Between(0.1, 0.5), random.Between(0.05, 0.3), random.Between(0.02, 0.15)];
        _noise = random.Between(0.15, 0.3);
        _impulse = state == BearingState.Healthy ? 0 : random.Between(1, 2);
        _phase = random.Unit();
        _modulationPhase = random.Unit();
        double resonance = random.Between(1050, 1300), decay = 1 - (random.Between(500, 900) / SampleRateHz);
        _feedback1 = 2 * decay * ExactMath.CosineOfTurns(resonance / SampleRateHz);
        _feedback2 = -decay * decay;
        _untilImpulse = random.Unit() * SampleRateHz / 100;
    }

    /// <summary>The next samples, in g.</summary>
    public float[] Take(int count)
    {
        var samples = new float[count];
        for (var i = 0; i < count; i++) samples[i] = (float)NextSample();
        return samples;
    }

    private double NextSample()
    {
        var turns = _shaftHz * _sample++ / SampleRateHz;
        var value = _noise * _random.Bell();
        for (var h = 0; h < _harmonics.Length; h++) value += _harmonics[h] * ExactMath.SineOfTurns(((h + 1) * turns) + _phase);

        var ring = (_feedback1 * _ring1) + (_feedback2 * _ring2) + Strike(turns);
        (_ring2, _ring1) = (_ring1, ring);
        return value + ring;
    }

    private double Strike(double turns)
    {
        if (_impulse == 0 || --_untilImpulse > 0) return 0;
        var geometry = BearingGeometry.Type6205;
        var (perTurn, modulation) = _state switch
        {
            BearingState.Outer => (geometry.OuterRace, 1.0),
            BearingState.Inner => (geometry.InnerRace, LoadZone(turns)),
            BearingState.Ball => (2 * geometry.BallSpin, LoadZone(turns * geometry.Cage)),
            _ => throw new InvalidOperationException($"No impulses for {_state}."),
        };
        _untilImpulse += SampleRateHz / (perTurn * _shaftHz) * (1 + (SlipShare * _random.Bell()));
        return _impulse * modulation * _random.Between(0.85, 1.15);
    }

    private double LoadZone(double turns) => 0.65 + (0.35 * ExactMath.CosineOfTurns(turns + _modulationPhase));
}
