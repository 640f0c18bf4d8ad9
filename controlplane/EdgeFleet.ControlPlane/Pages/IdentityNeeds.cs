using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>What needs a person about identity: approvals, quarantine, and what ends within 30 days.</summary>
internal static class IdentityNeeds
{
    private const int EachMax = 5;
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <summary>Who or what waits for an approval.</summary>
    /// <param name="asks">Boards that ask.</param>
    /// <param name="commands">Commands.</param>
    /// <param name="who">Account that looks; nobody approves what he asked for himself.</param>
    public static IEnumerable<Need> Approvals(IReadOnlyList<EnrolmentAskSummary> asks, IReadOnlyList<CommandSummary> commands, string who)
    {
        var waiting = asks.Count(a => a.State == "waiting");
        if (waiting > 0)
            yield return new Need("warning", "warning", "Approval", waiting == 1 ? "1 board waits to be let in." : $"{waiting} boards wait to be let in.", "Decide", "/enrolment");
        foreach (var command in commands.Where(c => c.State == "needs approval" && c.AskedBy != who).Take(EachMax))
            yield return new Need("warning", "warning", "Approval", $"{command.AskedBy} wants to {command.Kind} {command.Device}{(command.Reason.Length > 0 ? $": {command.Reason}" : "")}.", "Decide", $"/devices/{command.Device}#commands");
    }

    /// <summary>Devices in quarantine, and certificates that end soon.</summary>
    public static IEnumerable<Need> Of(IReadOnlyList<DeviceSummary> devices, TrustSummary trust, DateTimeOffset now)
    {
        foreach (var device in devices.Where(d => d.Standing == "quarantine"))
            yield return new Need("warning", "warning", "Quarantine", $"{device.Id}: {device.StandingReason}", "Look", $"/devices/{device.Id}");
        foreach (var need in Trust(trust, now))
            yield return need;

        var ending = devices.Where(d => d.Standing is null or "quarantine" && d.CertificateEnds - now < Soon).OrderBy(d => d.CertificateEnds).ToList();
        foreach (var device in ending.Take(EachMax))
        {
            var ends = device.CertificateEnds!.Value;
            yield return new Need("warning", "warning", "Certificate", ends > now
                ? $"{device.Id}: its certificate ends {Words.Moment(ends)} and is not renewed. On the board: `sudo edgefleet-agent renew`"
                : $"{device.Id}: its certificate ended {Words.Moment(ends)}. It may still renew itself, and nothing else. On the board: `sudo edgefleet-agent renew`", "Look", $"/devices/{device.Id}");
        }

        if (ending.Count > EachMax)
            yield return new Need("warning", "warning", "Certificate", $"And {ending.Count - EachMax} more certificates of devices end within 30 days and are not renewed.", "Look", "/devices");
    }

    private static IEnumerable<Need> Trust(TrustSummary trust, DateTimeOffset now)
    {
        if (trust.RootEnds - now < Soon)
            yield return new Need("critical", "critical", "Certificate", $"The root that all devices pin ends {Words.Moment(trust.RootEnds)}. Devices have to be enrolled under a new one: `edgefleet ca root FOLDER`", "Look", "/enrolment");
        else if (trust.IssuingEnds - now < Soon)
            yield return new Need("critical", "critical", "Certificate", $"The issuing certificate ends {Words.Moment(trust.IssuingEnds)}, and with it every certificate by it. `edgefleet ca issuing --root FOLDER --out FOLDER --earlier issuing.pem`", "Look", "/enrolment");
        else if (trust.ServerEnds - now < Soon)
            yield return new Need("critical", "critical", "Certificate", $"The server's certificate ends {Words.Moment(trust.ServerEnds)} and is not renewed: the log says why. `journalctl -u edgefleet-controlplane`", "Look", "/enrolment");
    }
}
