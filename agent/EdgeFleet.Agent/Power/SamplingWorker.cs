using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Power;

/// <summary>Finds the sensor and lets the sampler read it at its rate. Without a sensor nothing ticks but the next search.</summary>
internal sealed partial class SamplingWorker(EnergySampler sampler, SlotActivity activity, PowerBoard board, PowerSetting setting) : BackgroundService
{
    private static readonly TimeSpan SearchEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FailingMax = TimeSpan.FromSeconds(5);
    private string? _saidWhy;

    /// <summary>Searches for the sensor and takes it, or says why there is none.</summary>
    /// <returns>Time between two readings; null without a sensor.</returns>
    public TimeSpan? Search()
    {
        var found = MeterFinder.Find(setting.Root, setting.Options.Sensor);
        // One that is there and gives nothing is no sensor, until it does.
        if (found.Meter is { } silent && !silent.TryRead(out _))
        {
            found = MeterFound.None($"The sensor {silent.Sensor.Name} gives nothing: {silent.Fault}");
            silent.Dispose();
        }

        var asked = TimeSpan.FromSeconds(1.0 / setting.Options.SampleHz);
        var period = found.Meter is { } meter ? (asked > meter.Sensor.PeriodMin ? asked : meter.Sensor.PeriodMin) : (TimeSpan?)null;
        sampler.Use(found.Meter, period ?? asked);
        Say(found, period);
        return period;
    }

    /// <summary>Reads once.</summary>
    /// <returns>False when the sensor has failed for so long that it should be searched anew.</returns>
    public bool Tick()
    {
        sampler.Tick(activity.IsIdleSinceLast());
        return sampler.Failing is not { } failing || failing.Length < FailingMax;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        sampler.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            while (true)
            {
                var period = Search();
                using var timer = new PeriodicTimer(period ?? SearchEvery, setting.Time);
                while (await timer.WaitForNextTickAsync(stoppingToken) && period is not null && Tick())
                {
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Say(MeterFound found, TimeSpan? period)
    {
        board.Change(now => now with
        {
            Sensor = found.Meter?.Sensor,
            Unavailable = found.Unavailable,
            Hz = period is { } length ? 1 / length.TotalSeconds : 0,
            Watts = found.Meter is null ? null : now.Watts,
        });
        if (found.Meter is { } meter)
            Log.SensorFound(setting.Log, meter.Sensor.Name, meter.Sensor.Method, 1 / period!.Value.TotalSeconds);
        else if (_saidWhy != found.Unavailable)
            Log.NoSensor(setting.Log, found.Unavailable!);
        _saidWhy = found.Unavailable;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Power is read from {Sensor} ({Method}), {Hz:0.#} times a second")]
        public static partial void SensorFound(ILogger logger, string sensor, PowerMethod method, double hz);

        [LoggerMessage(LogLevel.Information, "Energy is unavailable: {Why}")]
        public static partial void NoSensor(ILogger logger, string why);
    }
}
