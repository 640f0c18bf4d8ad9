using System.Runtime.CompilerServices;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Sources;

/// <summary>Reads a slot's source into its queue at the slot's rate. Nothing is read while there is no model to answer it.</summary>
internal sealed partial class SourceWorker(SlotHost host, ISampleSource source, HealthBoard health, TimeProvider time, ILogger<SourceWorker> logger) : BackgroundService
{
    private const int BackoffSecondsMax = 60;
    private static readonly TimeSpan DamageForgotten = TimeSpan.FromHours(1);
    private readonly SourcePacer _pacer = new(time, () => host.SamplesPerSecond);
    private long _number;
    private long _damagedAt;
    private int _backoffSeconds;

    /// <summary>Rows that could not be used, since the process began.</summary>
    public long RowsSkipped { get; private set; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _pacer.Dispose();
        source.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var goesOn = true;
        while (goesOn && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                goesOn = await StepAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                Log.SourceBroke(logger, e, host.Slot);
                await StallAsync($"Reading the source broke: {e.Message}", "Send the agent's log to its makers; reading is tried again.", retriesByItself: false, stoppingToken);
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> StepAsync(CancellationToken cancel)
    {
        await ModelAsync(cancel);
        await _pacer.WaitAsync(cancel);
        if (host.Active is not { } model)
            return true;

        var sample = host.Samples.Rent();
        var given = false;
        try
        {
            var outcome = await source.ReadAsync(model.Manifest.Input, sample, cancel);
            given = outcome.Kind == SourceOutcomeKind.Sample;
            return given ? Take(sample, outcome) : await EndAsync(outcome, cancel);
        }
        finally
        {
            if (!given)
                host.Samples.Return(sample);
        }
    }

    private async Task ModelAsync(CancellationToken cancel)
    {
        if (host.Active is not null)
            return;

        health.RaiseNoModel(host.Slot);
        await host.Lease.WhenFilledAsync(cancel);
        health.Clear(SlotWarnings.NoModel, host.Slot);
    }

    private bool Take(Sample sample, SourceOutcome outcome)
    {
        NoteSkipped(sample, outcome.RowsSkipped);
        sample.Stamp(++_number, time.GetTimestamp());
        host.Queue.Offer(sample);
        Recover();
        return true;
    }

    private async Task<bool> EndAsync(SourceOutcome outcome, CancellationToken cancel)
    {
        if (outcome.Kind == SourceOutcomeKind.Stalled)
        {
            await StallAsync(outcome.Why, outcome.Remedy, outcome.ComesByItself, cancel);
            return true;
        }

        if (outcome.Kind == SourceOutcomeKind.Nothing)
        {
            Recover();
            return true;
        }

        Log.SourceEnded(logger, host.Slot, _number);
        return false;
    }

    private void NoteSkipped(Sample sample, int rows)
    {
        if (rows > 0)
        {
            RowsSkipped += rows;
            // Said once, not once a window: a broken sensor would fill the disk with lines.
            if (_damagedAt == 0)
                Log.RowsSkipped(logger, host.Slot, rows, sample.Origin);
            _damagedAt = time.GetTimestamp();
            health.RaiseSourceDamaged(host.Slot, $"{rows} row(s) up to {sample.Origin} are not all numbers and are skipped.");
        }
        else if (_damagedAt != 0 && time.GetElapsedTime(_damagedAt) > DamageForgotten)
        {
            _damagedAt = 0;
            health.Clear(SlotWarnings.SourceDamaged, host.Slot);
        }
    }

    private async Task StallAsync(string why, string remedy, bool retriesByItself, CancellationToken cancel)
    {
        if (_backoffSeconds == 0)
            Log.SourceStalled(logger, host.Slot, why, remedy);
        health.RaiseSourceStalled(host.Slot, why, remedy);
        _backoffSeconds = Math.Clamp(_backoffSeconds * 2, 1, BackoffSecondsMax);
        if (!retriesByItself)
            await Task.Delay(TimeSpan.FromSeconds(_backoffSeconds), time, cancel);
    }

    private void Recover()
    {
        if (_backoffSeconds == 0)
            return;

        _backoffSeconds = 0;
        Log.SourceRecovered(logger, host.Slot);
        health.Clear(SlotWarnings.SourceStalled, host.Slot);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Slot {Slot}: the source gives nothing: {Why} {Remedy}")]
        public static partial void SourceStalled(ILogger logger, SlotName slot, string why, string remedy);

        [LoggerMessage(LogLevel.Information, "Slot {Slot}: the source gives samples again")]
        public static partial void SourceRecovered(ILogger logger, SlotName slot);

        [LoggerMessage(LogLevel.Information, "Slot {Slot}: the source ended after {Samples} samples; Loop is off in the configuration")]
        public static partial void SourceEnded(ILogger logger, SlotName slot, long samples);

        [LoggerMessage(LogLevel.Warning, "Slot {Slot}: {Rows} row(s) up to {Origin} are not all numbers and are skipped; further ones are only counted")]
        public static partial void RowsSkipped(ILogger logger, SlotName slot, int rows, string origin);

        [LoggerMessage(LogLevel.Error, "Slot {Slot}: reading the source broke")]
        public static partial void SourceBroke(ILogger logger, Exception e, SlotName slot);
    }
}
