using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Enrolment;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>What a connection is made of, and how one is put together in dialect <c>ef/1</c>.</summary>
internal sealed class LinkParts(OutboxStore outbox, DesiredConsumer desired, ReportBuilder reports, IOptions<ConnectivityOptions> options, LinkSetting setting)
{
    /// <summary>Settings.</summary>
    public ConnectivityOptions Options => options.Value;

    /// <summary>Records that wait.</summary>
    public OutboxStore Outbox => outbox;

    /// <summary>Takes wishes in.</summary>
    public DesiredConsumer Desired => desired;

    /// <summary>Takes commands in.</summary>
    public CommandConsumer Commands => setting.Commands;

    /// <summary>When it is, for certificates.</summary>
    public TrustedTime Trusted => setting.Trusted;

    /// <summary>Says how the device stands.</summary>
    public ReportBuilder Reports => reports;

    /// <summary>How the connection stands.</summary>
    public LinkStatus Status => setting.Status;

    /// <summary>A link for one connection.</summary>
    public IDeviceLink Open(DeviceIdentity identity) => new EfLink(identity, TimeSpan.FromSeconds(Options.KeepAliveSeconds), setting.Trusted);

    /// <summary>A session over a link.</summary>
    public LinkSession Session(IDeviceLink link) => new(
        link,
        new OutboxSender(outbox, Options, setting.Time, setting.Logs.CreateLogger<OutboxSender>(), setting.Status),
        new LinkInbox(desired, setting.Commands),
        reports,
        new LinkClock(setting.Time, TimeSpan.FromSeconds(Options.ReportSeconds), () => outbox.Epoch));
}

/// <summary>What every connection shares: time, logs, status, commands, and the time by which certificates are judged.</summary>
internal sealed record LinkSetting(TimeProvider Time, ILoggerFactory Logs, LinkStatus Status, CommandConsumer Commands, TrustedTime Trusted);
