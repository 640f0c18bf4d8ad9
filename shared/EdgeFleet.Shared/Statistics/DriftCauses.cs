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

    // Less than the noise of a sensor, or next to nothing against what moves here; the window in which the camera froze has some motion in it.
    private const double FrozenMotionMax = 0.25;
    private const double FrozenMotionShare = 0.1;
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
        if (drifted.Any(f => f.Name == ImageFeatures.Motion && f.Shift < 0 && f.Mean <= Math.Max(FrozenMotionMax, FrozenMotionShare * f.Usual)))
            return [DriftCause.Frozen];

        var light = Hints(drifted, (ImageFeatures.Luma, -1, DriftCause.Dark), (ImageFeatures.Luma, 1, DriftCause.Bright));
        var focus = Hints(drifted, (ImageFeatures.Sharpness, -1, DriftCause.Blurred));
        var colour = Hints(
            drifted, (ImageFeatures.Warmth, 1, DriftCause.Warm), (ImageFeatures.Warmth, -1, DriftCause.Cool), (ImageFeatures.Tint, 1, DriftCause.GreenCast), (ImageFeatures.Tint, -1, DriftCause.Magenta));
        List<string> causes = [.. light, .. focus, .. colour];
        if (IsAnotherScene(drifted, new[] { light, focus, colour }.Count(kind => kind.Count > 0)))
            causes.Insert(0, DriftCause.Scene);
        return causes;
    }

    // Light, lens and colour fail one at a time. Pictures that are built otherwise without any of them, or in which several change at once and the model is lost too,
    // show something else.
    private static bool IsAnotherScene(IReadOnlyList<FeatureDrift> drifted, int kinds) => drifted.Count(f => Build.Contains(f.Name)) >= SceneFeatures
        && (kinds == 0 || (kinds >= 2 && (Moved(drifted, Confidence, -1) || Moved(drifted, Entropy, 1))));

    private static IReadOnlyList<string> Hints(IReadOnlyList<FeatureDrift> drifted, params (string Feature, int Direction, string Cause)[] hints) =>
        [.. hints.Where(h => Moved(drifted, h.Feature, h.Direction)).Select(h => h.Cause)];

    private static bool Moved(IReadOnlyList<FeatureDrift> drifted, string name, int direction) => drifted.Any(f => f.Name == name && Math.Sign(f.Shift) == direction);
}
