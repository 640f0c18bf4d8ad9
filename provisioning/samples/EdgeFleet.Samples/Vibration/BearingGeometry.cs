namespace EdgeFleet.Samples.Vibration;

/// <summary>A deep-groove ball bearing; the ratios of its textbook defect frequencies follow from the geometry (contact angle 0).</summary>
/// <param name="Balls">Number of balls.</param>
/// <param name="BallMm">Ball diameter in millimetres.</param>
/// <param name="PitchMm">Pitch diameter in millimetres.</param>
internal sealed record BearingGeometry(int Balls, double BallMm, double PitchMm)
{
    /// <summary>The bearing known as 6205.</summary>
    public static BearingGeometry Type6205 { get; } = new(9, 7.94, 39.04);

    private double Ratio => BallMm / PitchMm;

    /// <summary>BPFO: balls passing a point of the outer ring, per shaft turn.</summary>
    public double OuterRace => Balls / 2.0 * (1 - Ratio);

    /// <summary>BPFI: balls passing a point of the inner ring, per shaft turn.</summary>
    public double InnerRace => Balls / 2.0 * (1 + Ratio);

    /// <summary>BSF: turns of a ball about itself, per shaft turn; a defect strikes twice in each.</summary>
    public double BallSpin => (1 - (Ratio * Ratio)) / (2 * Ratio);

    /// <summary>FTF: turns of the cage, per shaft turn.</summary>
    public double Cage => (1 - Ratio) / 2;
}
