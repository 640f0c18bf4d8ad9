using System.CommandLine;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Cli.Rollouts;

/// <summary>The options that say what a version must keep to in shadow: of a rollout, and of a package.</summary>
internal sealed class ShadowLimitOptions
{
    private readonly Option<double?> _agreement = new("--shadow-agreement-min") { Description = "Least share of live samples, 0 to 1, answered in shadow as the model that serves answers, for example 0.9." };
    private readonly Option<double?> _latency = new("--shadow-latency-ratio-max") { Description = "Largest ratio of the p95 in shadow to that of the model that serves, for example 1.5." };
    private readonly Option<double?> _energy = new("--shadow-energy-ratio-max") { Description = "Largest ratio of the energy of a sample in shadow to that of the model that serves; judged where a meter is." };
    private readonly Option<int?> _samples = new("--shadow-samples-min") { Description = $"Samples in shadow below which nothing is judged; by default {ShadowLimits.SamplesMinDefault}." };

    /// <summary>Adds them.</summary>
    public void AddTo(Command command)
    {
        command.Add(_agreement);
        command.Add(_latency);
        command.Add(_energy);
        command.Add(_samples);
    }

    /// <summary>The limits that were given; null for none.</summary>
    public ShadowLimits? Of(ParseResult parsed)
    {
        var limits = new ShadowLimits
        {
            AgreementMin = parsed.GetValue(_agreement),
            LatencyRatioMax = parsed.GetValue(_latency),
            EnergyRatioMax = parsed.GetValue(_energy),
            SamplesMin = parsed.GetValue(_samples),
        };
        return limits == new ShadowLimits() ? null : limits;
    }
}
