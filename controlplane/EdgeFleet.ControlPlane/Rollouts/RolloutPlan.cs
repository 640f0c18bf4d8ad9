using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>The frozen plan: who is in which wave, the gate between them, and who was left out and why.</summary>
internal sealed record RolloutPlan
{
    /// <summary>Devices by wave, the canary first.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Waves { get; init; }

    /// <summary>Conditions to leave a wave.</summary>
    public required GateSettings Gate { get; init; }

    /// <summary>Attempt that was asked for.</summary>
    public required int Attempt { get; init; }

    /// <summary>What the package has to show in shadow; null for plans that ask for none.</summary>
    public ShadowOrder? Shadow { get; init; }

    /// <summary>Devices that the selector hit and the plan does not have.</summary>
    public required IReadOnlyList<LeftOut> LeftOut { get; init; }

    /// <summary>Devices in all waves.</summary>
    [JsonIgnore]
    public int Devices => Waves.Sum(w => w.Count);
}

/// <summary>A device that the plan does not have, and why.</summary>
internal sealed record LeftOut(string Device, string Why);

/// <summary>JSON of what rollouts keep in their rows.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(RolloutPlan))]
[JsonSerializable(typeof(DecisionInputs))]
[JsonSerializable(typeof(LookFacts))]
internal sealed partial class RolloutJson : JsonSerializerContext
{
    /// <summary>The last look at the running models of a row; null before the first.</summary>
    public static LookFacts? LookOf(Rollout rollout) => rollout.LastLook is null ? null : JsonSerializer.Deserialize(rollout.LastLook, Default.LookFacts);

    /// <summary>The plan of a row.</summary>
    public static RolloutPlan PlanOf(Rollout rollout) => JsonSerializer.Deserialize(rollout.Plan, Default.RolloutPlan)!;
}
