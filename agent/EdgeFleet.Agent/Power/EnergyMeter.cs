using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Power;

/// <summary>Puts the board's energy down to its slots, window by window. Several slots share it by busy time, which is an estimate.</summary>
internal sealed class EnergyMeter(EnergySampler sampler, IdleBaseline baseline, SlotActivity activity, PowerBoard board, TimeProvider time) : IEnergyMeter
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SlotName, Mark> _marks = [];

    /// <inheritdoc/>
    public EnergyWindow? Cut(SlotName slot, long inferences)
    {
        lock (_gate)
        {
            var now = new Mark(sampler.Totals, activity.BusyUs(slot), activity.BusyUs(), time.GetTimestamp());
            var isKnown = _marks.TryGetValue(slot, out var before);
            _marks[slot] = now;
            if (!isKnown || sampler.Sensor is not { } sensor)
                return null;

            var window = before.Totals.Sensor == now.Totals.Sensor ? Judge(before, now, inferences, sensor, out var why) : Changed(out why);
            board.Note(slot, window, why);
            return window;
        }
    }

    private EnergyWindow? Judge(in Mark before, in Mark now, long inferences, PowerSensor sensor, out string? why)
    {
        var measured = now.Totals.Since(before.Totals);
        var (own, all) = (now.BusyUs - before.BusyUs, now.AllBusyUs - before.AllBusyUs);
        var stepWatts = sensor.Method == PowerMethod.Counter ? sensor.Resolution * measured.Hz : sensor.Resolution;
        return EnergyMath.Judge(
            new EnergyFacts(
                measured,
                time.GetElapsedTime(before.At, now.At).TotalSeconds,
                inferences,
                all > 0 ? Math.Clamp((double)own / all, 0, 1) : 1,
                baseline.Measure(stepWatts),
                sensor,
                board.Now.Mode),
            out why);
    }

    private static EnergyWindow? Changed(out string? why)
    {
        why = "Another sensor was found within the window.";
        return null;
    }

    private readonly record struct Mark(PowerTotals Totals, long BusyUs, long AllBusyUs, long At);
}
