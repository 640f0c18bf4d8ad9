using System.Globalization;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>Numbers, times and names as people read them.</summary>
internal static class Words
{
    /// <summary>For example "1 device", "12 devices".</summary>
    public static string Count(long number, string one, string? many = null) =>
        string.Create(CultureInfo.InvariantCulture, $"{number:#,0} {(number == 1 ? one : many ?? one + "s")}");

    /// <summary>For example "in 5 min", "12 min ago", "3 days ago".</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now)
    {
        var distance = (now - at).Duration();
        var words = distance switch
        {
            { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)distance.TotalSeconds} s"),
            { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)distance.TotalMinutes} min"),
            { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{(int)distance.TotalHours} h"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{(int)distance.TotalDays} days"),
        };
        return at > now ? $"in {words}" : $"{words} ago";
    }

    /// <summary>A moment in UTC, to the minute.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For example "1.2 MB".</summary>
    public static string Size(long bytes) => bytes switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.#} kB"),
        < 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.#} GB"),
    };

    /// <summary>Milliseconds with as many digits as help.</summary>
    public static string Milliseconds(long microseconds) => microseconds < 100_000
        ? string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1e3:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{microseconds / 1e3:#,0} ms");

    /// <summary>An energy with three digits, for example "1.34 J", "152 mJ".</summary>
    public static string Energy(long microjoules) => Math.Abs(microjoules) switch
    {
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{microjoules} µJ"),
        < 1_000_000 => ThreeDigits(microjoules / 1e3) + " mJ",
        _ => ThreeDigits(microjoules / 1e6) + " J",
    };

    /// <summary>A share as a percentage with one digit, or "not measured".</summary>
    public static string Percent(double? share) => share is { } s ? string.Create(CultureInfo.InvariantCulture, $"{100 * s:0.#} %") : "not measured";

    /// <summary>A label of a model as a finding: <c>rust_level_2</c> becomes "Rust level 2".</summary>
    public static string Finding(string label)
    {
        var words = label.Replace('_', ' ').Replace('-', ' ').Trim();
        return words.Length == 0 ? "No name" : char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>How sure an answer is, from how often such answers were right. Never from its score.</summary>
    public static string Sure(int? rightOf100) => rightOf100 switch
    {
        null => "Not measured yet: look for yourself.",
        >= 90 => $"Almost certain. Of 100 answers like this one, about {rightOf100} were right.",
        >= 70 => $"Likely. Of 100 answers like this one, about {rightOf100} were right.",
        _ => "Not sure: look closely.",
    };

    private static string ThreeDigits(double value) =>
        value.ToString(Math.Abs(value) switch { < 10 => "0.00", < 100 => "0.0", _ => "#,0" }, CultureInfo.InvariantCulture);
}
