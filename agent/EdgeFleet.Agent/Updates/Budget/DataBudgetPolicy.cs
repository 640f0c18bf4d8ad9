using System.Globalization;

namespace EdgeFleet.Agent.Updates.Budget;

/// <summary>Bytes of one day by kind of link, as they are kept on disk.</summary>
internal sealed record DataDay
{
    /// <summary>Version that this code writes and reads.</summary>
    public const int KnownVersion = 1;

    /// <summary>Version of the file.</summary>
    public int V { get; init; } = KnownVersion;

    /// <summary>The day, by the board's own calendar.</summary>
    public DateOnly Day { get; init; }

    /// <summary>Bytes over links that cost nothing by the byte.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes over metered links.</summary>
    public long MeteredBytes { get; init; }

    /// <summary>Bytes over one kind of link.</summary>
    public long Used(bool metered) => metered ? MeteredBytes : Bytes;

    /// <summary>The same with more bytes.</summary>
    public DataDay Plus(long bytes, bool metered) => metered ? this with { MeteredBytes = MeteredBytes + bytes } : this with { Bytes = Bytes + bytes };
}

/// <summary>Decides what may still be fetched today. Pure.</summary>
internal static class DataBudgetPolicy
{
    /// <summary>Fewer bytes than these are not worth a request: the budget counts as used up.</summary>
    public const long RequestBytesMin = 16 * 1024;

    private const double Mb = 1024 * 1024;
    private const int ClockBackDaysMax = 2;

    /// <summary>
    /// The count that holds on a day. A new day begins at 0. A clock that goes back gives nothing back, or a board without a clock of its own would begin anew at each start; one
    /// that goes back further than two days was wrong before, so its count moves to today and ends tomorrow.
    /// </summary>
    public static DataDay On(DataDay kept, DateOnly today) => today > kept.Day
        ? new DataDay { Day = today }
        : kept.Day.DayNumber - today.DayNumber > ClockBackDaysMax ? kept with { Day = today } : kept;

    /// <summary>Bytes that a day has for one kind of link; null without a budget.</summary>
    public static long? BytesMax(UpdateOptions options, bool metered) => (metered ? options.DayBudgetMeteredMb : options.DayBudgetMb) is > 0 and var mb ? (long)(mb * Mb) : null;

    /// <summary>True when a link is metered by its name; without a default route nothing leaves the board's own network.</summary>
    public static bool IsMetered(string? link, UpdateOptions options) => link is not null && options.MeteredLinks.Any(p => p.Length > 0 && link.StartsWith(p, StringComparison.Ordinal));

    /// <summary>Bytes that may still be fetched; <see cref="long.MaxValue"/> without a budget, 0 when what is left is not worth a request.</summary>
    public static long Left(DataDay day, bool metered, UpdateOptions options) => BytesMax(options, metered) is not { } most ? long.MaxValue
        : most - day.Used(metered) is var left && left >= Math.Min(RequestBytesMin, most) ? left : 0;

    /// <summary>How many bytes are noted on disk before they are fetched: so many may be lost by a power cut, and so seldom is written.</summary>
    public static long Ahead(long bytesMax) => Math.Clamp(bytesMax / 64, 64 * 1024, 4 * 1024 * 1024);

    /// <summary>Why a download waits, and when it goes on.</summary>
    public static string Why(string? link, bool metered, UpdateOptions options, DateOnly today) => string.Create(
        CultureInfo.InvariantCulture,
        $"Today's {(metered ? options.DayBudgetMeteredMb : options.DayBudgetMb):0.##} MB for downloads over {(metered ? $"the metered link {link}" : link is null ? "this link" : $"the link {link}")} are used up (Updates:{(metered ? nameof(UpdateOptions.DayBudgetMeteredMb) : nameof(UpdateOptions.DayBudgetMb))}); the download goes on by itself on {today.AddDays(1):yyyy-MM-dd} at 00:00, or over another link that has some left.");
}
