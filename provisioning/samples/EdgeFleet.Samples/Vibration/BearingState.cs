namespace EdgeFleet.Samples.Vibration;

/// <summary>The simulated condition of a bearing; the number is the class index.</summary>
internal enum BearingState
{
    Healthy,
    Outer,
    Inner,
    Ball,
}
