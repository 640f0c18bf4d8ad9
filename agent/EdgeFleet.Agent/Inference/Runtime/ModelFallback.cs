using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Says that the model of a slot runs on another provider than the best one that works on this board.</summary>
internal static class ModelFallback
{
    /// <summary>Code of the warning.</summary>
    public const string Warning = "model-fell-back";

    /// <summary>Raises the warning, or clears it, for what serves now.</summary>
    public static void Say(HealthBoard health, SlotName slot, LoadedModel? model)
    {
        if (model?.PassedOver is not { } passed)
        {
            health.Clear(Warning, slot);
            return;
        }

        health.Raise(Warning, slot, $"{model.Package.Label} runs as {model.Variant.Name} on {model.Variant.Provider}, because {passed}",
            "Look after the board's GPU software and restart the agent, or wish the package again with a higher attempt, so that what is missing is fetched.");
    }
}
