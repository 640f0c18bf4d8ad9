using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Devices of which something is known, and those that are over a limit.</summary>
/// <param name="Known">Devices of which it is known.</param>
/// <param name="Over">Those over it.</param>
/// <param name="First">One of those, in a sentence.</param>
internal sealed record DeviceCount(int Known, int Over, string? First);

/// <summary>Counts devices on the package that are over a budget of its manifest.</summary>
internal static class BudgetCount
{
    /// <summary>Counts.</summary>
    public static DeviceCount Of(IEnumerable<DeviceEvidence> candidates, Budgets? budgets)
    {
        var (known, over, first) = (0, 0, (string?)null);
        foreach (var device in candidates.Where(d => budgets is not null && (d.After.P95Us is not null || d.After.EnergyUj is not null)))
        {
            known++;
            if (WhyOver(device.After, budgets!) is not { } why)
                continue;
            over++;
            first ??= $"{device.Device}: {why}";
        }

        return new DeviceCount(known, over, first);
    }

    private static string? WhyOver(WindowFacts window, Budgets budgets)
    {
        if (window.P95Us > 1000 * budgets.P95LatencyMs)
            return FormattableString.Invariant($"p95 is {window.P95Us / 1000:0.0} ms, the manifest allows {budgets.P95LatencyMs:0.0} ms.");
        return budgets.EnergyMj is { } most && window.EnergyUj > 1000 * most
            ? FormattableString.Invariant($"an inference takes {window.EnergyUj / 1000:0.0} mJ, the manifest allows {most:0.0} mJ.")
            : null;
    }
}
