using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Tests.Data;

namespace EdgeFleet.ControlPlane.Tests.Devices;

public sealed class DeviceStatePolicyTests
{
    [Theory]
    [InlineData("", -1, "Idle", "new")]
    [InlineData("ready", 1, "Committed", "ready")]
    [InlineData("ready", 36, "Committed", "late")]
    [InlineData("ready", (24 * 60) + 1, "Committed", "lost")]
    [InlineData("ready", (24 * 60) + 1, "Downloading", "lost")]
    [InlineData("ready", 1, "Probation", "updating")]
    [InlineData("ready", 1, "RollingBack", "updating")]
    [InlineData("ready", 1, "RolledBack", "rolled back")]
    [InlineData("ready", 1, "Inconsistent", "rolled back")]
    [InlineData("ready", 1, "Rejected", "ready")]
    [InlineData("sleeping", 60, "Committed", "sleeping")]
    [InlineData("sleeping", (26 * 60) + 1, "Committed", "lost")]
    [InlineData("lost", 1, "Committed", "late")]
    [InlineData("off", 1, "Downloading", "late")]
    public void The_state_follows_from_presence_silence_and_slots(string presence, int silentMinutes, string slot, string word)
    {
        var heard = silentMinutes < 0 ? 0 : TestPlane.Start.AddMinutes(-silentMinutes).ToUnixTimeMilliseconds();
        var facts = new DeviceFacts(presence, heard, heard, [slot]);

        Assert.Equal(word, DeviceStatePolicy.WordOf(DeviceStatePolicy.Decide(facts, new DeviceOptions(), TestPlane.Start)));
    }

    [Fact]
    public void A_device_heard_after_its_last_will_is_not_gone()
    {
        var now = TestPlane.Start.ToUnixTimeMilliseconds();
        var facts = new DeviceFacts("lost", now - 60_000, now - 1000, []);

        Assert.Equal(DeviceState.Ready, DeviceStatePolicy.Decide(facts, new DeviceOptions(), TestPlane.Start));
    }
}
