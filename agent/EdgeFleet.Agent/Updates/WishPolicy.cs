using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Updates;

/// <summary>A package that this slot has refused or turned back.</summary>
internal sealed record Quarantined(Sha256Digest Digest, int Attempt, string Reason, FailureKind Failure);

/// <summary>The models a slot can fall back on.</summary>
/// <param name="Active">The last model that was committed; null if none was.</param>
/// <param name="Previous">The one before it.</param>
internal sealed record Serving(PackageRef? Active, PackageRef? Previous);

/// <summary>Decides what a wish means for a slot. Pure.</summary>
internal static class WishPolicy
{
    /// <summary>What the wish sets off now; null when there is nothing to do, or not yet.</summary>
    /// <param name="state">State of the slot. One that is inconsistent is tried again; the caller does so only for a document that is new.</param>
    /// <param name="serving">Committed models of the slot.</param>
    /// <param name="previousOnDisk">True when every file of the previous model is there.</param>
    /// <param name="quarantine">What the slot has refused.</param>
    /// <param name="wish">The wish.</param>
    /// <param name="floor">The release floor of the committed model: a wish for an older version of it is refused, also where that one is on disk. Empty for none.</param>
    public static UpdateEvent? Judge(UpdateState state, Serving serving, bool previousOnDisk, IReadOnlyList<Quarantined> quarantine, Wish wish, string floor = "")
    {
        if (state is Inconsistent stuck)
            return IsSame(stuck.Target, wish) ? new Retried() : new Offered(wish);
        if (state is RollingBack || (state is WishState same && IsSame(same.Target, wish)))
            return null;

        var isActive = serving.Active?.Digest == wish.Package.Digest;
        if (state.Phase == UpdatePhase.Late)
            return isActive ? new Recalled(wish) : null;

        if (isActive)
            return Speaks(state, wish) ? new Confirmed(wish) : null;
        if (quarantine.FirstOrDefault(q => q.Digest == wish.Package.Digest && q.Attempt >= wish.Attempt) is { } refused)
            return new Refused(wish, refused.Reason, refused.Failure);

        if (serving.Active?.Name == wish.Package.Name && PackageTargets.BelowFloor(wish.Package.Version, floor, wish.Package.Name) is { } below)
            return new Refused(wish, below, FailureKind.Deterministic);

        return serving.Previous?.Digest == wish.Package.Digest && previousOnDisk ? new Returned(wish) : new Offered(wish);
    }

    private static bool IsSame(Wish one, Wish other) =>
        one.Package.Digest == other.Package.Digest && one.Attempt == other.Attempt && one.Rollout == other.Rollout;

    // A refusal stays to be read while the same rollout only takes its wish back.
    private static bool Speaks(UpdateState state, Wish wish) =>
        state is not (Rejected or RolledBack) || (wish.Rollout != 0 && wish.Rollout != ((WishState)state).Target.Rollout);
}
