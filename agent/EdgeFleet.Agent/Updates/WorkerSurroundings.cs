using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Updates;

/// <summary>What a slot's worker touches beside its steps.</summary>
/// <param name="Host">The running slot.</param>
/// <param name="Options">Limits.</param>
/// <param name="Health">Where it says what is wrong.</param>
/// <param name="Time">Clock.</param>
/// <param name="Log">Log.</param>
/// <param name="IsWhole">True when a package is wholly on disk.</param>
/// <param name="Sweep">Frees what no slot needs.</param>
/// <param name="Hold">Whether steps that cost power must wait.</param>
internal sealed record WorkerSurroundings(
    IModelHost Host, UpdateOptions Options, HealthBoard Health, TimeProvider Time, ILogger Log, Func<PackageRef, bool> IsWhole, Action Sweep, UpdateHold Hold)
{
    /// <summary>The release floor that a package on disk asks for its model; empty for none.</summary>
    public Func<PackageRef, string> FloorOf { get; init; } = _ => "";
}
