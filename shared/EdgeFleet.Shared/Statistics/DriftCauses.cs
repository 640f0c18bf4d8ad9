using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Statistics;

/// <summary>Names what may be behind a drift, from which features moved which way.</summary>
public static class DriftCauses
{
    /// <summary>Prefix of the features that are shares of a label: <c>label:rust</c>.</summary>
    public const string LabelPrefix = "label:";

    /// <summary>Name of the confidence feature.</summary>
    public const string Confidence = "confidence";

    /// <summary>Name of the entropy feature.</summary>
    public const string Entropy = "entropy";

    /// <summary>Name of the anomaly score.</summary>
    public const string Score = "score";

    /// <summary>Name of the number of boxes.</summary>
    public const string Boxes = "boxes";

    private const double FrozenMotionMax = 0.25;
    private const int SceneFeatures = 3;

    // How a picture is built, apart from how much light falls on it and how sharp it is.
    private static readonly string[] Build =
        [ImageFeatures.Contrast, ImageFeatures.Detail, ImageFeatures.Colour, ImageFeatures.Bright, ImageFeatures.Dark, ImageFeatures.LumaP1, ImageFeatures.LumaP5, ImageFeatures.LumaP95, ImageFeatures.LumaP99];

    /// <summary>Hints for a window, the likeliest first; none when nothing drifted.</summary>
    public static IReadOnlyList<string> Of(DriftVerdict verdict)
    {
        var drifted = verdict.Drifted;
        var causes = OfPictures(drifted);
        if (drifted.Any(f => f.Name == Boxes || f.Name.StartsWith(LabelPrefix, StringComparison.Ordinal)))
            causes.Add(DriftCause.ClassMix);
        if (drifted.Any(f => f.Name == Score))
            causes.Add(DriftCause.Score);
        if (Moved(drifted, Confidence, -1) || Moved(drifted, Entropy, 1))
            causes.Add(DriftCause.Confidence);
        if (drifted.Any(f => f.Name is not (Confidence or Entropy or Score or Boxes) && !f.Name.StartsWith(LabelPrefix, StringComparison.Ordinal) && ImageFeatures.IndexOf(f.Name) < 0))
            causes.Add(DriftCause.Readings);
        return causes;
    }

    // A frozen camera repeats one picture, whose statistics differ from a day's in everything: they say nothing more.
    private static List<string> OfPictures(IReadOnlyList<FeatureDrift> drifted)
    {
        if (drifted.Any(f => f.Name == ImageFeatures.Motion && f.Shift < 0 && f.Mean <= FrozenMotionMax))
            return [DriftCause.Frozen];

        var causes = new List<string>();
        if (Moved(drifted, ImageFeatures.Luma, -1))
            causes.Add(DriftCause.Dark);
        if (Moved(drifted, ImageFeatures.Luma, 1))
            causes.Add(DriftCause.Bright);
        if (Moved(drifted, ImageFeatures.Sharpness, -1))
            causes.Add(DriftCause.Blurred);
        if (Moved(drifted, ImageFeatures.Warmth, 1))
            causes.Add(DriftCause.Warm);
        if (Moved(drifted, ImageFeatures.Warmth, -1))
            causes.Add(DriftCause.Cool);
        if (Moved(drifted, ImageFeatures.Tint, 1))
            causes.Add(DriftCause.GreenCast);
        if (Moved(drifted, ImageFeatures.Tint, -1))
            causes.Add(DriftCause.Magenta);
        if (drifted.Count(f => Build.Contains(f.Name)) >= SceneFeatures && causes.Count == 0)
            causes.Add(DriftCause.Scene);
        return causes;
    }

    private static bool Moved(IReadOnlyList<FeatureDrift> drifted, string name, int direction) => drifted.Any(f => f.Name == name && Math.Sign(f.Shift) == direction);
}
