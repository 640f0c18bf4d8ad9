using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Folds the results of one slot into profiles. A profile belongs to one model; a span in which nothing ran gives none.</summary>
internal sealed class ProfileFolder(IModelHost host, int profileSeconds, TimeProvider time, Action<HourlyProfile, Reference> closed)
{
    private readonly object _gate = new();
    private readonly SpanClock _span = new(profileSeconds, time.GetUtcNow().ToUnixTimeMilliseconds());
    private ModelProfile? _current;
    private ProfileEnergyBuilder? _energy;

    /// <summary>Takes a result in.</summary>
    public void Observe(in SampleResult result)
    {
        lock (_gate)
        {
            Roll();
            if (_current?.Model != result.Model)
            {
                Close();
                _current = new ModelProfile(result.Model);
            }

            _current.Add(result);
        }
    }

    /// <summary>Takes the energy of a closed minute in. The hour's last minute may close after the hour and then stands in the next one.</summary>
    public void Observe(MinuteRow row)
    {
        lock (_gate)
        {
            if (row.EnergyUj is { } gross && _current?.Model.Package.Label == row.Model)
                (_energy ??= new ProfileEnergyBuilder()).Add(gross, row.EnergyNetUj);
        }
    }

    /// <summary>Closes the profile if its time is over.</summary>
    public void Tick()
    {
        lock (_gate)
            Roll();
    }

    /// <summary>Closes what is gathered, at the end of the process.</summary>
    public void Flush()
    {
        lock (_gate)
            Close();
    }

    private void Roll()
    {
        if (_span.IsOver(time.GetUtcNow().ToUnixTimeMilliseconds()))
            Close();
    }

    private void Close()
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (_current is { IsEmpty: false })
            closed(_current.Build(host.Slot, _span.Begin, _span.SecondsUntil(now)) with { Energy = _energy?.Build() }, _current.Model.Reference);

        (_current, _energy) = (null, null);
        _span.MoveTo(now);
    }
}
