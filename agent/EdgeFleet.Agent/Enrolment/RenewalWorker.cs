using EdgeFleet.Agent.Health;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>Renews the certificate when it is time, and says so long before its end when that does not work.</summary>
internal sealed partial class RenewalWorker(IdentityStore identities, TrustedTime trusted, HealthBoard board, TimeProvider time, ILogger<RenewalWorker> log) : BackgroundService
{
    /// <summary>Warning while the certificate is due and cannot be renewed.</summary>
    public const string WarningNotRenewed = "certificate-not-renewed";

    private static readonly TimeSpan IdentityPoll = TimeSpan.FromSeconds(30);
    private readonly Renewal _renewal = new(identities, trusted);
    private readonly Random _random = new();
    private DateTime _seen;
    private DateTimeOffset _nextAttempt = DateTimeOffset.MinValue;
    private int _failures;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        _seen = identities.WrittenAt;
        identities.Sweep();
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = IdentityPoll;
            try
            {
                wait = await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.Failed(log, e);
            }

            await Task.Delay(wait < IdentityPoll ? wait : IdentityPoll, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<TimeSpan> LookAsync(CancellationToken cancel)
    {
        if (identities.WrittenAt is var written && written != _seen)
        {
            // The command line, or this worker, put another identity here.
            _seen = written;
            _failures = 0;
            identities.LookAgain();
        }

        if (identities.Load() is not IdentityFound.Enrolled enrolled)
            return IdentityPoll;

        using var identity = enrolled.Identity;
        var (begins, ends) = (new DateTimeOffset(identity.Certificate.NotBefore), new DateTimeOffset(identity.Certificate.NotAfter));
        if (!RenewalPolicy.IsDue(begins, ends, trusted.Now))
        {
            board.Clear(WarningNotRenewed, null);
            return RenewalPolicy.Wait(begins, ends, trusted.Now, 0, 0);
        }

        if (time.GetUtcNow() < _nextAttempt && _failures > 0)
            return _nextAttempt - time.GetUtcNow();

        switch (await _renewal.RenewAsync(identity, cancel))
        {
            case RenewalResult.Done done:
                _failures = 0;
                board.Clear(WarningNotRenewed, null);
                Log.Renewed(log, done.Ends);
                return TimeSpan.Zero;
            case RenewalResult.Failed failed:
                _failures++;
                Say(failed, begins, ends);
                var pause = RenewalPolicy.Wait(begins, ends, trusted.Now, _failures, _random.NextDouble());
                _nextAttempt = time.GetUtcNow() + pause;
                return pause;
            default:
                throw new InvalidOperationException("A renewal ended in no known way.");
        }
    }

    private void Say(RenewalResult.Failed failed, DateTimeOffset begins, DateTimeOffset ends)
    {
        Log.NotRenewed(log, ends, failed.Reason);
        if (!RenewalPolicy.IsToBeReported(begins, ends, trusted.Now, failed.WasReached))
            return;

        var over = RenewalPolicy.IsOver(ends, trusted.Now);
        board.Raise(
            WarningNotRenewed, null,
            $"The certificate of this board {(over ? "ended" : "ends")} at {ends:u} and is not renewed: {failed.Reason}",
            failed.WasReached
                ? "See in the control plane whether the device is shut out or marked as cloned; if the board is sound, enrol it again: edgefleet-agent enrol TICKET --force"
                : "Check the network between the board and the devices' port of the control plane. The board tries on; even after the end it may still renew, and nothing else.");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "The certificate is renewed, until {Ends:u}")]
        public static partial void Renewed(ILogger logger, DateTimeOffset ends);

        [LoggerMessage(Level = LogLevel.Warning, Message = "The certificate, which ends at {Ends:u}, is not renewed: {Reason}")]
        public static partial void NotRenewed(ILogger logger, DateTimeOffset ends, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "The renewal ended by a fault of the agent itself")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
