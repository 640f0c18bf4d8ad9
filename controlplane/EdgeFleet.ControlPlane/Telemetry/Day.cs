using System.Globalization;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>A day in UTC, as its number since 1970. Takes any 64-bit time: clocks on boards lie.</summary>
internal readonly record struct Day(long Number) : IComparable<Day>
{
    private const long MsPerDay = 86_400_000;

    /// <summary>Name of the file or partition for records whose time makes no sense.</summary>
    public const string Undated = "undated";

    private static readonly Day Earliest = Of(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly Day Latest = Of(new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>Begin, Unix ms.</summary>
    public long From => Number * MsPerDay;

    /// <summary>End, Unix ms, not included.</summary>
    public long To => From + MsPerDay;

    /// <summary>Day of a time in Unix ms.</summary>
    public static Day OfMs(long unixMs) => new(Math.DivRem(unixMs, MsPerDay) is (var days, < 0) ? days - 1 : unixMs / MsPerDay);

    /// <summary>Day of a time.</summary>
    public static Day Of(DateTimeOffset time) => OfMs(time.ToUnixTimeMilliseconds());

    /// <summary>True when a file or partition may be named after it: from 2020 to 2199.</summary>
    public bool HasName => Number >= Earliest.Number && Number < Latest.Number;

    /// <summary>True when records may really be of this day: from 2020 to tomorrow.</summary>
    public bool IsSane(DateTimeOffset now) => HasName && Number <= Of(now).Number + 1;

    /// <summary>The day so many days later.</summary>
    public Day Plus(int days) => new(Number + days);

    public int CompareTo(Day other) => Number.CompareTo(other.Number);

    /// <summary><c>2026-11-24</c>; only for days with a name.</summary>
    public override string ToString() => DateTimeOffset.FromUnixTimeMilliseconds(From).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Inverse of <see cref="ToString"/>; false for any other text.</summary>
    public static bool TryParse(string text, out Day day)
    {
        var valid = DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date);
        day = valid ? Of(date) : default;
        return valid;
    }
}
