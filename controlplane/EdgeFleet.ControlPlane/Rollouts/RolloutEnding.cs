using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>How a command on a rollout ended.</summary>
internal abstract record RolloutEnding
{
    /// <summary>It was done.</summary>
    public sealed record Done(RolloutDetail Rollout) : RolloutEnding;

    /// <summary>It cannot be done as things stand; nothing was changed.</summary>
    public sealed record Refused(string Reason) : RolloutEnding;

    /// <summary>The person may not.</summary>
    public sealed record Forbidden(string Reason) : RolloutEnding;

    /// <summary>There is no such rollout or package.</summary>
    public sealed record NotFound(string Reason) : RolloutEnding;
}
