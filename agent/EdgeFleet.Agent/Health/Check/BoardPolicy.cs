using System.Globalization;

namespace EdgeFleet.Agent.Health.Check;

/// <summary>Judges what a check measured. Pure.</summary>
internal static class BoardPolicy
{
    // A package of a few hundred megabytes with its golden set, beside what serves.
    private const double DiskMbLow = 500;
    private const double DiskMbOut = 50;
    private static readonly TimeSpan CertificateSoon = TimeSpan.FromDays(30);

    /// <summary>Is there room for records and the next model?</summary>
    public static Finding Disk(string folder, double freeMb)
    {
        var text = Say($"{freeMb:#,0} MB free in {folder}");
        return freeMb switch
        {
            < DiskMbOut => new Finding("disk", FindingKind.Fault, text, "Free space: nothing more can be recorded soon. Large folders: sudo du -xhd1 /var"),
            < DiskMbLow => new Finding("disk", FindingKind.Warning, text, "Free space before the next update: a model may need several hundred MB."),
            _ => Finding.Good("disk", text),
        };
    }

    /// <summary>Can the clock be right?</summary>
    /// <param name="now">What it says.</param>
    /// <param name="builtAt">When this program was made: it cannot be earlier.</param>
    /// <param name="clock"><c>ntp</c>, <c>rtc</c> or <c>none</c>.</param>
    public static Finding Clock(DateTimeOffset now, DateTimeOffset builtAt, string clock)
    {
        const string Remedy = "Let the board reach a time server (timedatectl set-ntp true), or set it: sudo timedatectl set-time 'YYYY-MM-DD hh:mm:ss'";
        var text = Say($"it says {now:yyyy-MM-dd HH:mm:ss} UTC");
        if (now < builtAt - TimeSpan.FromDays(1))
            return new Finding("clock", FindingKind.Fault, Say($"{text}, which is before this agent was made ({builtAt:yyyy-MM-dd})"), Remedy);
        return clock == "ntp"
            ? Finding.Good("clock", $"{text}, kept by a time server")
            : new Finding("clock", FindingKind.Warning, $"{text}, and no time server keeps it{(clock == "none" ? "; the board has no clock of its own that lasts over a power cut" : "")}", Remedy);
    }

    /// <summary>Does the device's certificate last?</summary>
    public static Finding Certificate(DateTimeOffset from, DateTimeOffset until, DateTimeOffset now)
    {
        if (now < from)
            return new Finding("certificate", FindingKind.Fault, Say($"not valid before {from:yyyy-MM-dd HH:mm} UTC, and the board's clock says {now:yyyy-MM-dd HH:mm}"), "Set the board's clock.");
        if (now > until)
            return new Finding("certificate", FindingKind.Fault, Say($"no longer valid since {until:yyyy-MM-dd}"), "Check the board's clock; if it is right, renew or enrol again with --force.");
        return until - now < CertificateSoon
            ? new Finding("certificate", FindingKind.Warning, Say($"valid until {until:yyyy-MM-dd}, {(until - now).TotalDays:0} days more"), "It should have been renewed by now: see whether the board reaches its control plane.")
            : Finding.Good("certificate", Say($"valid until {until:yyyy-MM-dd}, {(until - now).TotalDays:0} days more"));
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
