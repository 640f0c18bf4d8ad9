using System.Threading.Channels;
using EdgeFleet.Agent.Commands;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>One connection from hello to its end: one loop that takes in what comes, reports what changed and sends what waits.</summary>
internal sealed class LinkSession(IDeviceLink link, OutboxSender sender, LinkInbox inbox, ReportBuilder reports, LinkClock clock)
{
    private static readonly LinkInput.Nothing Wake = new();

    // Bounded, so that a flood from the other side is held back at the socket and not gathered here.
    private readonly Channel<LinkInput> _mailbox = Channel.CreateBounded<LinkInput>(new BoundedChannelOptions(64) { SingleReader = true });
    private readonly TimeProvider _time = clock.Time;
    private volatile bool _isReportDue = true;
    private long _reportedAt;

    /// <summary>Introduces the device over an open link and serves until the connection is lost.</summary>
    /// <exception cref="LinkException">How it was lost.</exception>
    /// <exception cref="OperationCanceledException">It was ended from this side.</exception>
    public async Task RunAsync(Hello hello, CancellationToken cancel)
    {
        reports.Changed += OnReportDue;
        await using var timer = _time.CreateTimer(_ => OnWake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await link.HelloAsync(hello, cancel);
            do
            {
                await ReportIfDueAsync(cancel);
                await sender.SendDueAsync(link, cancel);
                timer.Change(DueIn(), Timeout.InfiniteTimeSpan);
                await _mailbox.Reader.WaitToReadAsync(cancel);
                while (_mailbox.Reader.TryRead(out var input))
                    await TakeAsync(input, cancel);
            }
            while (clock.Epoch() == hello.Epoch);

            throw new LinkException(LinkFault.Lost, "The outbox began a new epoch, which a new hello must say.");
        }
        finally
        {
            reports.Changed -= OnReportDue;
            _mailbox.Writer.TryComplete();
        }
    }

    /// <summary>Gets what comes in over the link.</summary>
    public async ValueTask ReceiveAsync(LinkInput input)
    {
        while (!_mailbox.Writer.TryWrite(input))
        {
            if (!await _mailbox.Writer.WaitToWriteAsync())
                return;
        }
    }

    /// <summary>There may be something to send. Any thread.</summary>
    public void OnWake() => _mailbox.Writer.TryWrite(Wake);

    private void OnReportDue()
    {
        _isReportDue = true;
        OnWake();
    }

    private async Task TakeAsync(LinkInput input, CancellationToken cancel)
    {
        switch (input)
        {
            case LinkInput.Acked acked:
                sender.Acknowledge(acked.Ack);
                break;
            case LinkInput.Desired document:
                inbox.Desired.Take(document.Envelope);
                break;
            case LinkInput.Command command:
                // Done only after the answer is over there: what a command does may end this process.
                var result = inbox.Commands.Take(command.Id, command.Envelope);
                await link.AnswerAsync(command.Id, result, cancel);
                inbox.Commands.Do(command.Id);
                break;
            case LinkInput.Garbled garbled:
                inbox.Desired.Refuse($"A message on {garbled.Topic} was put aside: {garbled.Reason}");
                break;
            case LinkInput.Lost lost:
                throw new LinkException(lost.Fault, lost.Reason);
        }
    }

    // Changes that come close together go in one report, at most one a second.
    private async Task ReportIfDueAsync(CancellationToken cancel)
    {
        if (ReportDueIn() > TimeSpan.Zero)
            return;

        _isReportDue = false;
        _reportedAt = _time.GetTimestamp();
        await link.ReportAsync(reports.Reported(_time.GetUtcNow()), cancel);
    }

    private TimeSpan ReportDueIn() => _reportedAt == 0
        ? TimeSpan.Zero
        : (_isReportDue ? TimeSpan.FromSeconds(1) : clock.ReportEvery) - _time.GetElapsedTime(_reportedAt);

    private TimeSpan DueIn()
    {
        var (send, report) = (sender.DueIn(), ReportDueIn());
        var due = send < report ? send : report;
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }
}

/// <summary>Who takes in what comes over a connection.</summary>
internal sealed record LinkInbox(DesiredConsumer Desired, CommandConsumer Commands);

/// <summary>What a session measures itself by: time, the longest silence between reports, and the epoch it must speak of.</summary>
internal sealed record LinkClock(TimeProvider Time, TimeSpan ReportEvery, Func<string> Epoch);
