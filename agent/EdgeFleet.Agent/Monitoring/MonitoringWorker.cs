using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Routes results to the folders of their slot, and closes windows and profiles in time, also when no results come.</summary>
internal sealed class MonitoringWorker : BackgroundService, ISampleObserver
{
    private readonly Dictionary<SlotName, (WindowFolder Window, ProfileFolder Profile)> _slots;
    private readonly IRecordSink _sink;
    private readonly IReadOnlyList<IMinuteObserver> _observers;
    private readonly TimeProvider _time;
    private readonly TimeSpan _tick;

    /// <summary>Folders for every slot.</summary>
    public MonitoringWorker(
        IEnumerable<IModelHost> hosts, IRecordSink sink, IEnumerable<IMinuteObserver> observers, IOptions<MonitoringOptions> options, TimeProvider time)
    {
        var settings = options.Value;
        _sink = sink;
        _observers = [.. observers];
        _time = time;
        _tick = TimeSpan.FromSeconds(Math.Min(1, settings.WindowSeconds / 4.0));
        _slots = hosts.ToDictionary(
            h => h.Slot,
            h => (new WindowFolder(h, settings.WindowSeconds, time, Keep, answered => Energy.Cut(h.Slot, answered)), new ProfileFolder(h, settings.ProfileSeconds, time, Keep)));
    }

    /// <summary>Gives windows their energy.</summary>
    public IEnergyMeter Energy { get; init; } = NoEnergyMeter.Instance;

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        var (window, profile) = _slots[result.Slot];
        window.Observe(result);
        profile.Observe(result);
    }

    /// <summary>Closes every window and profile whose time is over.</summary>
    public void TickAll()
    {
        foreach (var (window, profile) in _slots.Values)
        {
            window.Tick();
            profile.Tick();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var (window, profile) in _slots.Values)
        {
            window.Flush();
            profile.Flush();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_tick, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                TickAll();
        }
        catch (OperationCanceledException)
        {
            // The process ends; StopAsync closes what is open.
        }
    }

    private void Keep(HourlyProfile profile, Reference reference) => _sink.Add(_observers.Aggregate(profile, (p, observer) => observer.Finish(p, reference)));

    private void Keep(MinuteRow row)
    {
        _slots[row.Slot].Profile.Observe(row);
        _sink.Add(row);
        foreach (var observer in _observers)
            observer.Observe(row);
    }
}
