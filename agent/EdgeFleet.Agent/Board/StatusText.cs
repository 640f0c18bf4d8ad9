using System.Globalization;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Board;

/// <summary>A status in words. Pure.</summary>
internal static class StatusText
{
    /// <summary>The lines for a person.</summary>
    public static IEnumerable<string> Of(AgentStatus status)
    {
        yield return $"edgefleet-agent {status.Agent} runs for {Span(status.At - status.StartedAt)} (process {status.Pid}), {(status.Device is { } device ? $"device {device}" : "not enrolled")}";
        yield return $"link      {Link(status.Link, status.At)}";
        yield return $"waiting   {string.Join(", ", status.Waiting.Select(w => Say($"{w.Value:#,0} {Records(w.Key)}")))}";
        yield return status.Disk.TotalMb > 0
            ? Say($"disk      {status.Disk.FreeMb / 1024:0.0} GB of {status.Disk.TotalMb / 1024:0.0} GB free")
            : "disk      not known";
        if (status.Power is { } power)
            yield return $"power     {Power(power)}";
        foreach (var line in status.Slots.SelectMany(s => Slot(s, status.At)))
            yield return line;
        if (status.Warnings.Count == 0)
            yield return "warnings  none";
        foreach (var line in status.Warnings.SelectMany(w => Warning(w, status.At)))
            yield return line;
    }

    /// <summary>The lines of one slot.</summary>
    public static IEnumerable<string> Slot(ReportedSlot slot, long now)
    {
        var serves = slot.Active is { } active ? $"serves {active}{(slot.Variant is { } variant ? $" ({variant})" : "")}" : "has no model";
        yield return $"slot      {slot.Slot} {serves}; {slot.State} for {Span(now - slot.Since)}{(slot.Progress is { } done ? Say($", {done:0 %}") : "")}";
        if (slot.Candidate is { } candidate && candidate != slot.Active)
            yield return $"            {(slot.Reason is null ? "on its way" : "last update")}: {candidate}{(slot.Reason is null ? "" : $": {slot.Reason}")}";
        if (slot.Held is { } held)
            yield return $"            waits: {held}";
        if (slot.Shadow is { Length: > 0 } seen && seen != "skipped")
            yield return $"            in shadow: {seen}";
        yield return Say($"            samples since the start: {slot.Samples.Answered:#,0} answered, {slot.Samples.Failed:#,0} of them failed, {slot.Samples.Dropped:#,0} dropped");
    }

    /// <summary>A length of time in its two largest units.</summary>
    public static string Span(long ms) => TimeSpan.FromMilliseconds(Math.Max(0, ms)) switch
    {
        { TotalMinutes: < 1 } t => Say($"{t.Seconds} s"),
        { TotalHours: < 1 } t => Say($"{t.Minutes} min"),
        { TotalDays: < 1 } t => Say($"{t.Hours} h {t.Minutes} min"),
        var t => Say($"{t.Days} d {t.Hours} h"),
    };

    private static string Link(LinkState link, long now)
    {
        var acked = link.AckedAt > 0 ? $"last acknowledgement {Span(now - link.AckedAt)} ago" : "nothing acknowledged since the start";
        return link.Connected
            ? $"connected to {link.Broker} for {Span(now - link.Since)}, {acked}"
            : $"not connected for {Span(now - link.Since)}, {acked}{(link.Reason is null ? "" : $"; {link.Reason}")}";
    }

    private static string Power(ReportedPower power)
    {
        string?[] parts =
        [
            power.Sensor is { } sensor ? $"measured by {sensor}" : power.Unavailable ?? "not measured",
            power.Mode is { } mode ? $"mode {mode}" : null,
            power.Celsius is { } celsius ? Say($"{celsius} °C{(power.Hottest is { } place ? $" ({place})" : "")}") : null,
            power.BatteryPercent is { } charge ? Say($"battery {charge} % {power.BatteryStatus}") : null,
            power.Throttled is { Count: > 0 } throttled ? $"slowed down by {string.Join(", ", throttled)}" : null,
            power.UpdatesWait,
        ];
        return string.Join("; ", parts.Where(p => !string.IsNullOrEmpty(p)).Select(p => p!.TrimEnd('.')));
    }

    private static IEnumerable<string> Warning(HealthWarning warning, long now)
    {
        yield return $"warning   {warning.Code}{(warning.Slot is { } slot ? $" ({slot})" : "")}, for {Span(now - warning.Since)}: {warning.Text}";
        yield return $"            {warning.Remedy}";
    }

    private static string Records(string stream) => stream switch
    {
        RecordStream.Event => "events",
        RecordStream.Minute => "minute rows",
        RecordStream.Profile => "hourly profiles",
        _ => stream,
    };

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
