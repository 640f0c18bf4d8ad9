using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Keeps the board connected: waits for an identity, opens a link, serves a session, pauses, again. It judges nothing itself.</summary>
internal sealed partial class LinkWorker(IdentityStore identities, LinkParts parts, HealthBoard board, TimeProvider time, ILogger<LinkWorker> log) : BackgroundService
{
    /// <summary>Warning while the board has no identity, or none that can be used.</summary>
    public const string WarningNotEnrolled = "not-enrolled";

    /// <summary>Warning while there is no connection.</summary>
    public const string WarningDown = "link-down";

    /// <summary>Warning after another client came with this device's identity.</summary>
    public const string WarningCloned = "identity-cloned";

    private static readonly TimeSpan IdentityPoll = TimeSpan.FromSeconds(2);

    private readonly ReconnectPolicy _policy = new(TimeSpan.FromSeconds(parts.Options.ReconnectCapSeconds), new Random().NextDouble);

    // Said in the next hello: only another client that came as this device can have done it.
    private long? _takenOver;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var connectedFor = TimeSpan.Zero;
            try
            {
                using var identity = await IdentityAsync(stoppingToken);
                parts.Desired.Resume(identity);
                parts.Commands.Resume(identity);
                connectedFor = await ConnectAsync(identity, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The link must outlive everything that comes over it.
                Log.SessionFailed(log, e);
            }

            var pause = _policy.Next(connectedFor);
            Log.Pausing(log, pause.TotalSeconds);
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<DeviceIdentity> IdentityAsync(CancellationToken cancel)
    {
        while (true)
        {
            switch (identities.Load())
            {
                case IdentityFound.Enrolled { Identity: var over } when RenewalPolicy.IsOver(over.Certificate.NotAfter, parts.Trusted.Now):
                    SayOver(over.Certificate.NotAfter);
                    over.Dispose();
                    break;
                case IdentityFound.Enrolled enrolled:
                    board.Clear(WarningNotEnrolled, null);
                    return enrolled.Identity;
                case IdentityFound.Damaged damaged:
                    SayNotEnrolled(damaged.Reason);
                    break;
                case IdentityFound.NotEnrolled:
                    SayNotEnrolled("This board belongs to no fleet yet: what it measures stays on it.");
                    break;
            }

            await Task.Delay(IdentityPoll, time, cancel);
        }
    }

    // The broker would refuse it; what renews it says how that goes.
    private void SayOver(DateTimeOffset ended)
    {
        if (board.Warnings.Any(w => w.Code == WarningDown))
            return;

        var text = $"The board's certificate ended at {ended:u}; it has to be renewed before the board may connect.";
        Log.Over(log, text);
        board.Raise(WarningDown, null, text, "The board renews it by itself as soon as it reaches the control plane. Check the network and the board's clock.");
    }

    private void SayNotEnrolled(string text)
    {
        if (board.Warnings.Any(w => w.Code == WarningNotEnrolled))
            return;

        const string Remedy = "Make a ticket in the control plane and run: edgefleet-agent enrol TICKET";
        Log.NotEnrolled(log, text, Remedy);
        board.Raise(WarningNotEnrolled, null, text, Remedy);
    }

    /// <returns>How long the connection lasted.</returns>
    private async Task<TimeSpan> ConnectAsync(DeviceIdentity identity, CancellationToken cancel)
    {
        var session = parts.Outbox.NextSession();
        await using var link = parts.Open(identity);
        var serve = parts.Session(link);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void OnIdentity() => ended.Cancel();
        identities.Changed += OnIdentity;
        long connectedAt = 0;
        try
        {
            await link.OpenAsync(session, serve.ReceiveAsync, ended.Token);
            connectedAt = time.GetTimestamp();
            board.Clear(WarningDown, null);
            parts.Status.Connected($"{identity.Assigned.MqttHost}:{identity.Assigned.MqttPort}");
            Log.Connected(log, identity.Assigned.Device.Value, session);
            parts.Outbox.Added += serve.OnWake;
            await serve.RunAsync(parts.Reports.Hello(session, time.GetUtcNow(), parts.Commands.Number) with { TakenOver = _takenOver }, ended.Token);
        }
        catch (LinkException e)
        {
            parts.Status.Lost(e.Message);
            Log.Disconnected(log, e.Fault, e.Message);
            _takenOver = e.Fault == LinkFault.TakenOver ? session : connectedAt == 0 ? _takenOver : null;
            Say(e);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            await link.CloseAsync();
            cancel.ThrowIfCancellationRequested();
            Log.IdentityChanged(log);
        }
        finally
        {
            identities.Changed -= OnIdentity;
            parts.Outbox.Added -= serve.OnWake;
        }

        var lasted = connectedAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(connectedAt);
        if (lasted >= ReconnectPolicy.Stable)
            board.Clear(WarningCloned, null);
        return lasted;
    }

    private void Say(LinkException e)
    {
        if (e.Fault == LinkFault.TakenOver)
            board.Raise(WarningCloned, null, e.Message, "Two boards hold the same identity, for example by a copied disk. Enrol one of them again with --force.");
        else
            board.Raise(WarningDown, null, e.Message, e.Fault switch
            {
                LinkFault.Untrusted => "Check the board's clock and the control plane's address.",
                LinkFault.Refused => "See in the control plane whether this device was revoked; if not, enrol it again with --force.",
                _ => "Check the network between the board and the control plane. Records wait on the board meanwhile.",
            });
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Text} {Remedy}")]
        public static partial void NotEnrolled(ILogger logger, string text, string remedy);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Text}")]
        public static partial void Over(ILogger logger, string text);

        [LoggerMessage(Level = LogLevel.Information, Message = "Another identity is in force; connecting with it")]
        public static partial void IdentityChanged(ILogger logger);

        [LoggerMessage(Level = LogLevel.Information, Message = "Connected as {Device}, session {Session}")]
        public static partial void Connected(ILogger logger, string device, long session);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Not connected ({Fault}): {Reason}")]
        public static partial void Disconnected(ILogger logger, LinkFault fault, string reason);

        [LoggerMessage(Level = LogLevel.Debug, Message = "Next attempt to connect in {Seconds:0.0} s")]
        public static partial void Pausing(ILogger logger, double seconds);

        [LoggerMessage(Level = LogLevel.Error, Message = "The session ended by a fault of the agent itself")]
        public static partial void SessionFailed(ILogger logger, Exception exception);
    }
}
