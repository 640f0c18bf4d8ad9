using System.Collections.Concurrent;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Health;

/// <summary>What is wrong on this board now, by code and slot. Parts raise and clear; the link reports.</summary>
internal sealed class HealthBoard(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Code, SlotName? Slot), HealthWarning> _warnings = new();

    /// <summary>Raised after a warning came or went; any thread.</summary>
    public event Action? Changed;

    /// <summary>Warnings now, oldest first.</summary>
    public IReadOnlyList<HealthWarning> Warnings => [.. _warnings.Values.OrderBy(w => w.Since)];

    /// <summary>Says that something is wrong; saying it again keeps the time it began and takes the newer text.</summary>
    public void Raise(string code, SlotName? slot, string text, string remedy)
    {
        var warning = new HealthWarning { Code = code, Slot = slot, Since = time.GetUtcNow().ToUnixTimeMilliseconds(), Text = text, Remedy = remedy };
        // A newer text takes the place of the old one without a report of its own: texts may name what changes often.
        if (!_warnings.TryAdd((code, slot), warning))
            _warnings.AddOrUpdate((code, slot), warning, (_, old) => warning with { Since = old.Since });
        else
            Changed?.Invoke();
    }

    /// <summary>Says that it is well again.</summary>
    public void Clear(string code, SlotName? slot)
    {
        if (_warnings.TryRemove((code, slot), out _))
            Changed?.Invoke();
    }
}
