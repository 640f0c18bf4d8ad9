using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Power;

/// <summary>Looks at heat, throttling and battery every few seconds, asks the policy and applies its answer.</summary>
internal sealed partial class PowerWorker(BoardReader reader, PowerEffects effects, PowerBoard board, EnergySampler sampler, PowerSetting setting) : BackgroundService
{
    private readonly long _begun = setting.Time.GetTimestamp();

    /// <summary>Looks once.</summary>
    public void Look()
    {
        var before = board.Now.Stance;
        board.Change(now => Judge(reader.Read(now) with { Watts = sampler.Watts }));
        var after = board.Now;
        setting.Baseline.Note(new IdleConditions(after.Mode, after.Cpu.LimitMhz, after.Hottest?.Celsius));
        effects.Apply(after);
        if (!before.IsStrained && after.Stance.IsStrained)
            Log.Strained(setting.Log, PowerPolicy.Reasons(after.Stance), after.RateFactor);
        else if (before.IsStrained && !after.Stance.IsStrained)
            Log.WellAgain(setting.Log);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(setting.Options.PollSeconds), setting.Time);
        try
        {
            do
            {
                LookSafely();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private PowerNow Judge(PowerNow now)
    {
        var facts = new PowerFacts(setting.Time.GetElapsedTime(_begun), now.Hottest, now.Throttled ?? [], now.Battery);
        var stance = PowerPolicy.Decide(now.Stance, facts, setting.Options);
        return now with { Stance = stance, RateFactor = PowerPolicy.RateFactor(stance, setting.Options), UpdatesWait = PowerPolicy.WhyUpdatesWait(stance, setting.Options) };
    }

    // A board whose sensors break in a way nobody thought of must still serve.
    private void LookSafely()
    {
        try
        {
            Look();
        }
        catch (Exception e)
        {
            Log.LookBroke(setting.Log, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "The board is {Reasons}; samples are read at {Factor} times their rate")]
        public static partial void Strained(ILogger logger, string reasons, double factor);

        [LoggerMessage(LogLevel.Information, "The board is well again; samples are read at their rate")]
        public static partial void WellAgain(ILogger logger);

        [LoggerMessage(LogLevel.Error, "Looking at power and heat broke; it is tried again")]
        public static partial void LookBroke(ILogger logger, Exception e);
    }
}
