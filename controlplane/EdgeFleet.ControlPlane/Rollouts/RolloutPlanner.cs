using System.Text;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>A device that the selector hit.</summary>
/// <param name="Device">Its id.</param>
/// <param name="HasSlot">It reported the slot.</param>
/// <param name="IsLab">It is tagged <c>lab</c>.</param>
/// <param name="IsOnline">It is connected.</param>
/// <param name="Quarantine">Why it is in quarantine; null while it is not.</param>
internal sealed record Candidate(DeviceId Device, bool HasSlot, bool IsLab, bool IsOnline, string? Quarantine = null);

/// <summary>How planning ended.</summary>
internal abstract record PlanEnding
{
    /// <summary>The plan.</summary>
    public sealed record Planned(RolloutPlan Plan) : PlanEnding;

    /// <summary>No plan; the text says why and what to do.</summary>
    public sealed record Refused(string Reason) : PlanEnding;
}

/// <summary>Makes the plan of a rollout from what was asked and who was hit: the same input gives the same plan.</summary>
internal static class RolloutPlanner
{
    private const int NamedMax = 10;
    private const int FourWavesFrom = 8;

    // As many as it takes that no half of the fleet is without a control, and that four devices stand on either side.
    private const int HoldBackFrom = 10;
    private const int HoldBackMin = 5;
    private const double HoldBackShare = 0.05;

    /// <summary>Plans.</summary>
    /// <param name="request">What was asked.</param>
    /// <param name="slot">Slot it is for.</param>
    /// <param name="digest">Digest of the package: it seeds the order, so that not the same board is the canary each time.</param>
    /// <param name="unproven">Why the package may go only to devices tagged <c>lab</c>; null when it may go to all.</param>
    /// <param name="hit">The devices that the selector hit.</param>
    /// <param name="limits">Limits of shadow that the package's manifest has; null for none.</param>
    public static PlanEnding Plan(RolloutRequest request, SlotName slot, Sha256Digest digest, string? unproven, IReadOnlyList<Candidate> hit, ShadowLimits? limits = null)
    {
        var gate = request.Gate ?? new GateSettings();
        var faults = Faults(request, gate).Concat(ShadowFaults(request.Shadow, limits)).ToList();
        if (faults.Count > 0)
            return new PlanEnding.Refused(string.Join(" ", faults));
        if (hit.Count == 0)
            return new PlanEnding.Refused($"No device matches '{request.Selector}'. `edgefleet device list` shows what there is.");

        var (able, unable) = (hit.Where(c => c.HasSlot).ToList(), hit.Where(c => !c.HasSlot).ToList());
        if (able.Count == 0)
            return new PlanEnding.Refused($"None of the {hit.Count} devices that match '{request.Selector}' has reported a slot '{slot}': {Named(unable)}. Give the slot with --slot.");

        var shut = able.Where(c => c.Quarantine is not null).ToList();
        able.RemoveAll(c => c.Quarantine is not null);
        if (able.Count == 0)
            return new PlanEnding.Refused($"All devices that match '{request.Selector}' are in quarantine: {Named(shut)}. `edgefleet device release ID` ends a quarantine.");

        var outside = unproven is null ? [] : able.Where(c => !c.IsLab).ToList();
        if (outside.Count > 0)
            return new PlanEnding.Refused(
                $"{request.Model} {request.Version} is unproven and may go only to devices tagged `lab` ({unproven}) These are not: {Named(outside)}. Narrow the selector: '{(request.Selector.Trim() == "all" ? "" : $"{request.Selector} and ")}tag=lab'.");

        return new PlanEnding.Planned(new RolloutPlan
        {
            Waves = Cut(Shuffle(able, digest), request.Waves),
            Gate = gate,
            Attempt = request.Attempt,
            Shadow = request.Shadow,
            LeftOut = [.. unable.Concat(shut).OrderBy(c => c.Device.Value, StringComparer.Ordinal)
                .Select(c => new LeftOut(c.Device.Value, c.HasSlot ? $"It is in quarantine: {c.Quarantine}" : $"It has reported no slot '{slot}'."))],
        });
    }

    private static IReadOnlyList<string> Shuffle(IEnumerable<Candidate> able, Sha256Digest digest)
    {
        var shuffled = able.OrderBy(c => Sha256Digest.Of(Encoding.ASCII.GetBytes($"{digest}/{c.Device}")).Value, StringComparer.Ordinal).ToList();
        // One device tries it first, and one that is there: an absent canary only costs time.
        var canary = shuffled.FirstOrDefault(c => c.IsOnline) ?? shuffled[0];
        return [canary.Device.Value, .. shuffled.Where(c => c != canary).Select(c => c.Device.Value)];
    }

    private static IReadOnlyList<IReadOnlyList<string>> Cut(IReadOnlyList<string> devices, IReadOnlyList<double>? shares)
    {
        var count = devices.Count;
        var ends = shares is not null ? shares.Select(s => Share(s, count))
            : count < FourWavesFrom ? [1, count]
            : count < HoldBackFrom ? [1, Share(0.05, count), Share(0.25, count), count]
            : [1, Share(0.05, count), Share(0.25, count), count - Math.Max(HoldBackMin, Share(HoldBackShare, count)), count];
        var waves = new List<IReadOnlyList<string>>();
        var begin = 0;
        foreach (var end in ends.Distinct().Order())
        {
            waves.Add([.. devices.Skip(begin).Take(end - begin)]);
            begin = end;
        }

        return waves;
    }

    private static int Share(double share, int count) => Math.Max(1, (int)Math.Ceiling(share * count - 1e-9));

    private static IEnumerable<string> Faults(RolloutRequest request, GateSettings gate)
    {
        if (request.Waves is { } waves && (waves.Count is 0 or > 50 || waves.Any(w => !(w > 0 && w <= 1)) || waves.Zip(waves.Skip(1)).Any(p => p.First >= p.Second) || waves[^1] < 1))
            yield return $"Waves are cumulative shares that grow up to 1, such as 0.05,0.25,1; '{string.Join(',', waves)}' are not.";
        if (request.Attempt < 1)
            yield return $"The attempt is {request.Attempt}; it counts from 1.";
        if (!(gate.HealthyShareMin is >= 0 and <= 1) || !(gate.FailureRatioMax is >= 0 and <= 1))
            yield return $"Shares of the gate lie between 0 and 1; healthy {gate.HealthyShareMin} and failing {gate.FailureRatioMax} do not.";
        if (!(gate.LookMinutes is > 0 and <= 100_000) || !(gate.LatencyMoreMax >= 0) || !(gate.EnergyMoreMax >= 0) || !(gate.ConfidenceLessMax >= 0) || !(gate.ErrorsMoreMax >= 0)
            || !(gate.AnswersLessMax is >= 0 and < 1) || !(gate.ClassMixMoreMax >= 0) || !(gate.DriftMoreMax >= 0))
            yield return "What the running models may be worse by is 0 or more, fewer answers lie below 1, and looks are above 0 minutes apart.";
        if (gate.DecidedMin < 1)
            yield return $"At least 1 decided device is needed for a share; {gate.DecidedMin} was asked.";
        if (!(gate.SoakMinutes is >= 0 and <= 100_000) || !(gate.StartedByMinutes is > 0 and <= 100_000) || !(gate.HealthyByMinutes <= 1_000_000) || !(gate.HealthyByMinutes >= gate.StartedByMinutes))
            yield return $"Soak {gate.SoakMinutes}, started by {gate.StartedByMinutes} and healthy by {gate.HealthyByMinutes} minutes do not fit: begin above 0, and end not before the begin.";
    }

    private static IEnumerable<string> ShadowFaults(ShadowOrder? shadow, ShadowLimits? manifest)
    {
        foreach (var fault in shadow?.Faults() ?? [])
            yield return string.Concat(fault[..1].ToUpperInvariant(), fault.AsSpan(1));
        if (manifest is not null && shadow?.Limits?.LooserThan(manifest).ToList() is { Count: > 0 } looser)
            yield return $"A rollout may only tighten the limits that the package has for shadow: {string.Join("; ", looser)}. Leave them out to take the package's.";
    }

    private static string Named(IReadOnlyCollection<Candidate> devices) =>
        string.Join(", ", devices.Select(d => d.Device.Value).Order(StringComparer.Ordinal).Take(NamedMax)) + (devices.Count > NamedMax ? $" and {devices.Count - NamedMax} more" : "");
}
