namespace EdgeFleet.Shared.Statistics;

/// <summary>Causes of drift by name, as far as the features tell. They are hints: a person looks.</summary>
public static class DriftCause
{
    /// <summary>Every picture is the same as the one before.</summary>
    public const string Frozen = "frozen-camera";

    /// <summary>Less light, or too short an exposure.</summary>
    public const string Dark = "dark";

    /// <summary>More light, or too long an exposure.</summary>
    public const string Bright = "bright";

    /// <summary>Out of focus, wet or dirty lens.</summary>
    public const string Blurred = "blurred";

    /// <summary>More red than before, less blue: white balance, evening light, a yellowed cover.</summary>
    public const string Warm = "warm-cast";

    /// <summary>More blue than before, less red.</summary>
    public const string Cool = "cool-cast";

    /// <summary>More green than before.</summary>
    public const string GreenCast = "green-cast";

    /// <summary>Less green than before.</summary>
    public const string Magenta = "magenta-cast";

    /// <summary>The picture is built otherwise: another scene, distance or crop.</summary>
    public const string Scene = "scene";

    /// <summary>Labels come in another mix.</summary>
    public const string ClassMix = "class-mix";

    /// <summary>The model is less sure.</summary>
    public const string Confidence = "confidence-drop";

    /// <summary>Anomaly scores are others than they were.</summary>
    public const string Score = "score";

    /// <summary>Readings of a sensor differ.</summary>
    public const string Readings = "readings";
}
