using System.Globalization;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The words of input drift, for admins and model engineers.</summary>
internal static class DriftWords
{
    /// <summary>Icon and colour of a state.</summary>
    public static (string Icon, string Colour) Look(string state) => state switch
    {
        DriftState.Drifting => ("warning", "warning"),
        DriftState.Steady => ("good", "good"),
        _ => ("none", "plain"),
    };

    /// <summary>What drifts, in one sentence.</summary>
    public static string Short(DriftReport drift)
    {
        var parts = drift.Segments.Where(s => s.State == DriftState.Drifting).Select(s => $"by {s.Segment} {CausesOf(s)}");
        return $"inputs or answers differ from what is usual at this site: {string.Join("; ", parts)}.";
    }

    /// <summary>How a segment stands.</summary>
    public static string Sentence(DriftSegment segment) => segment.State switch
    {
        DriftState.Drifting => $"By {segment.Segment} it differs from what is usual at this site{SinceOf(segment)}: {CausesOf(segment)}. {FeaturesOf(segment.Features, "what is usual here")}".TrimEnd(),
        DriftState.Steady => $"By {segment.Segment} as usual at this site{SinceOf(segment)}, {Words.Count(segment.Windows, "window")} compared.",
        _ => string.Create(CultureInfo.InvariantCulture, $"By {segment.Segment} it learns what is usual at this site: {100 * segment.Progress:0} % learned. Until then nothing is judged."),
    };

    /// <summary>Estimated accuracy of a segment; null when there is none.</summary>
    public static string? Accuracy(DriftSegment segment) => segment is { Accuracy: { } right, AccuracyLow: { } low, AccuracyHigh: { } high }
        ? $"By {segment.Segment}, without labels, estimated right: {right / 10} in 100 ({low / 10} to {high / 10}). This rests on the model's own confidence, and does not see labels that changed their meaning."
        : null;

    /// <summary>How far the site is from the training data.</summary>
    public static string Package(DriftReport drift) => drift.Package.Count == 0
        ? "How far this site is from the training data is known after the first profile."
        : $"Against the training data, shown and never alarmed: {FeaturesOf(drift.Package, "it")}";

    private static string SinceOf(DriftSegment segment) =>
        segment.Since is > 0 and < 253_402_300_799_999 ? $" since {Words.Moment(DateTimeOffset.FromUnixTimeMilliseconds(segment.Since))}" : "";

    private static string CausesOf(DriftSegment segment) =>
        segment.Causes.Count == 0 ? "no known cause, see the features" : string.Join(", ", segment.Causes.Select(CauseOf));

    private static string CauseOf(string cause) => cause switch
    {
        DriftCause.Dark => "darker",
        DriftCause.Bright => "brighter",
        DriftCause.Blurred => "blurred: look at the lens",
        DriftCause.Warm => "redder (warm cast)",
        DriftCause.Cool => "bluer (cool cast)",
        DriftCause.GreenCast => "greener",
        DriftCause.Magenta => "less green (magenta cast)",
        DriftCause.Scene => "another scene, distance or crop",
        DriftCause.ClassMix => "another mix of answers",
        DriftCause.Confidence => "the model is less sure",
        DriftCause.Frozen => "the picture stands still: restart the camera",
        DriftCause.Score => "the score is another than usual",
        DriftCause.Readings => "readings differ",
        _ => cause,
    };

    private static string FeaturesOf(IReadOnlyList<DriftFeatureSize> features, string against) => features.Count == 0 ? "" : string.Join(", ", features.Select(f =>
        string.Create(CultureInfo.InvariantCulture, $"{f.Name} {f.Size / 100.0:0.0} spreads {(f.Up ? "above" : "below")}"))) + $" {against}.";
}
