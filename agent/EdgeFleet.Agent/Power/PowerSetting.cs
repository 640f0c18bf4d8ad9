using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Power;

/// <summary>What the parts that look at power share.</summary>
/// <param name="Options">Settings.</param>
/// <param name="Root">The board.</param>
/// <param name="Baseline">Power at rest.</param>
/// <param name="Time">Clock.</param>
/// <param name="Log">Log.</param>
internal sealed record PowerSetting(PowerOptions Options, BoardRoot Root, IdleBaseline Baseline, TimeProvider Time, ILogger Log);
