using System.Text;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>Values that tests need and do not care about.</summary>
internal static class Some
{
    public static readonly SlotName Slot = SlotName.Parse("leaf");

    public static PackageRef Package(string name) => new() { Name = name, Version = "1.0.0", Digest = Sha256Digest.Of(Encoding.UTF8.GetBytes(name)), Size = 100 };

    public static Wish Wish(string name, int attempt = 1, long rollout = 1) => new(Package(name), attempt, rollout);

    public static MinuteRow Row(string model, long answered = 60, long failed = 0, long dropped = 0, long p95Us = 10_000, int seconds = 60) => new()
    {
        Slot = Slot, At = 0, Seconds = seconds, Model = model, Answered = answered, Failed = failed, Dropped = dropped, P95Us = p95Us, P50Us = p95Us / 2, MaxUs = p95Us,
    };
}
