using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Sources;

/// <summary>The slot that a source works for, and where it logs.</summary>
internal sealed record SlotLog(SlotName Slot, ILogger Logger);
