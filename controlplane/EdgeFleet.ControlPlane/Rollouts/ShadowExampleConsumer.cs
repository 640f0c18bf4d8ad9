using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Keeps the samples on which a version in shadow disagreed with its rollout. Runs inside the transaction that stores the event, so each is kept once.</summary>
internal sealed class ShadowExampleConsumer : IEventHandler
{
    private const int TextMax = 200;
    private const int ReadingsMax = 200;

    public bool Takes(string eventType) => eventType == EventType.Disagreement;

    public async Task ApplyAsync(FleetContext db, DeviceId device, DeviceEvent happened, CancellationToken cancel)
    {
        // Only of a rollout that has this device: what a device says of others' is not kept.
        if (happened.Disagreement is not { } seen
            || !await db.Set<RolloutDevice>().AnyAsync(d => d.RolloutId == seen.Rollout && d.Device == device, cancel)
            || await db.Set<ShadowExample>().CountAsync(e => e.RolloutId == seen.Rollout, cancel) >= ShadowExample.OfRolloutMax)
            return;

        db.Add(new ShadowExample
        {
            RolloutId = seen.Rollout,
            Device = device,
            At = happened.At,
            Model = DatabaseText.Cut(seen.Model, TextMax),
            Answer = DatabaseText.Cut(seen.Answer, TextMax),
            Confidence = Within(seen.Confidence),
            CandidateAnswer = DatabaseText.Cut(seen.CandidateAnswer, TextMax),
            CandidateConfidence = Within(seen.CandidateConfidence),
            Photo = seen.Photo,
            Readings = seen.Readings?.Take(ReadingsMax).ToList(),
        });
    }

    private static double Within(double share) => double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0;
}
