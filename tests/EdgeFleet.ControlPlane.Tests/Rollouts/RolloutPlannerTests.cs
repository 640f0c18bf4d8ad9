using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

public sealed class RolloutPlannerTests
{
    private static readonly SlotName Leaf = SlotName.Parse("leaf");
    private static readonly Sha256Digest Digest = Sha256Digest.Of("a package"u8);

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(2, new[] { 1, 1 })]
    [InlineData(3, new[] { 1, 2 })]
    [InlineData(7, new[] { 1, 6 })]
    [InlineData(8, new[] { 1, 1, 6 })]
    [InlineData(9, new[] { 1, 2, 6 })]
    [InlineData(10, new[] { 1, 2, 2, 5 })] // From 10 on five stay on the earlier model until the last soak.
    [InlineData(40, new[] { 1, 1, 8, 25, 5 })]
    [InlineData(412, new[] { 1, 20, 82, 288, 21 })]
    [InlineData(10_000, new[] { 1, 499, 2000, 7000, 500 })]
    public void The_default_plan_is_one_board_then_shares_of_the_fleet(int devices, int[] sizes) =>
        Assert.Equal(sizes, Planned(new RolloutRequest("leaf", "2.0.0"), Fleet(devices)).Waves.Select(w => w.Count));

    [Fact]
    public void Shares_are_cumulative_and_every_device_is_in_exactly_one_wave()
    {
        var plan = Planned(new RolloutRequest("leaf", "2.0.0", Waves: [0.1, 0.5, 1]), Fleet(20));
        Assert.Equal([2, 8, 10], plan.Waves.Select(w => w.Count));
        Assert.Equal(Fleet(20).Select(c => c.Device.Value).Order(), plan.Waves.SelectMany(w => w).Order());
    }

    [Fact]
    public void Shares_that_give_the_same_count_are_one_wave() =>
        Assert.Equal([1, 2], Planned(new RolloutRequest("leaf", "2.0.0", Waves: [0.05, 0.1, 0.2, 1]), Fleet(3)).Waves.Select(w => w.Count));

    [Fact]
    public void The_order_is_the_same_each_time_and_another_one_for_another_package()
    {
        var order = Planned(new RolloutRequest("leaf", "2.0.0"), Fleet(50)).Waves.SelectMany(w => w).ToList();
        Assert.Equal(order, Planned(new RolloutRequest("leaf", "2.0.0"), [.. Fleet(50).AsEnumerable().Reverse()]).Waves.SelectMany(w => w));
        Assert.NotEqual(order, Planned(new RolloutRequest("leaf", "2.0.1"), Fleet(50), Sha256Digest.Of("another"u8)).Waves.SelectMany(w => w));
    }

    [Fact]
    public void The_canary_is_a_board_that_is_there()
    {
        for (var there = 0; there < 10; there++)
        {
            var fleet = Fleet(10).Select((c, i) => c with { IsOnline = i == there }).ToList();
            Assert.Equal(fleet[there].Device.Value, Assert.Single(Planned(new RolloutRequest("leaf", "2.0.0"), fleet).Waves[0]));
        }
    }

    [Fact]
    public void An_unproven_package_goes_to_lab_devices_and_to_nobody_else()
    {
        var mixed = Fleet(4).Select((c, i) => c with { IsLab = i < 2 }).ToList();
        var refused = Refused(new RolloutRequest("leaf", "3.0.0"), mixed, "cpu-int8 answers 'rust' for every item.");
        Assert.Contains("dev-0002, dev-0003", refused, StringComparison.Ordinal);
        Assert.Contains("cpu-int8 answers 'rust' for every item.", refused, StringComparison.Ordinal);
        Assert.Contains("Narrow the selector: 'tag=lab'", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("dev-0001", refused, StringComparison.Ordinal);
        Assert.IsType<PlanEnding.Planned>(RolloutPlanner.Plan(new RolloutRequest("leaf", "3.0.0"), Leaf, Digest, "bad", [.. mixed.Take(2)]));
    }

    [Fact]
    public void Devices_without_the_slot_are_left_out_by_name()
    {
        var plan = Planned(new RolloutRequest("leaf", "2.0.0"), [.. Fleet(3).Select((c, i) => c with { HasSlot = i != 1 })]);
        Assert.Equal("dev-0001", Assert.Single(plan.LeftOut).Device);
        Assert.Equal(2, plan.Devices);
        Assert.Contains("'leaf'", Refused(new RolloutRequest("leaf", "2.0.0"), [.. Fleet(3).Select(c => c with { HasSlot = false })]), StringComparison.Ordinal);
        Assert.Contains("No device matches", Refused(new RolloutRequest("leaf", "2.0.0", Selector: "site=mars"), []), StringComparison.Ordinal);
    }

    [Fact]
    public void Quarantined_devices_are_left_out_with_the_reason_and_a_fleet_of_them_is_refused()
    {
        var plan = Planned(new RolloutRequest("leaf", "2.0.0"), [.. Fleet(12).Select((c, i) => c with { Quarantine = i == 4 ? "It failed leaf 1.9.0." : null })]);
        Assert.Equal(11, plan.Devices);
        Assert.Equal(new LeftOut("dev-0004", "It is in quarantine: It failed leaf 1.9.0."), Assert.Single(plan.LeftOut));
        Assert.Contains("device release", Refused(new RolloutRequest("leaf", "2.0.0"), [.. Fleet(2).Select(c => c with { Quarantine = "x" })]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_states_what_each_wave_can_show_and_what_to_enlarge()
    {
        var said = EvidencePower.Say(Planned(new RolloutRequest("leaf", "2.0.0"), Fleet(100)));
        Assert.Equal(5, said.Count);
        Assert.Contains("Wave 1: 1 device on it beside 99: too few to compare", said[0], StringComparison.Ordinal);
        Assert.Contains("Wave 2: 5 devices on it beside 95 shows p95 latency from +", said[1], StringComparison.Ordinal);
        Assert.Contains("beside 0: too few to compare", said[4], StringComparison.Ordinal);

        var strict = EvidencePower.Say(Planned(new RolloutRequest("leaf", "2.0.0", Gate: new GateSettings { LatencyMoreMax = 0.05 }), Fleet(100)));
        Assert.Matches("For p95 latency that is more than twice of what is allowed: let the waves up to 2 have [0-9]+ devices together", strict[1]);
        var hopeless = EvidencePower.Say(Planned(new RolloutRequest("leaf", "2.0.0", Gate: new GateSettings { LatencyMoreMax = 0.001 }), Fleet(100)));
        Assert.Contains("no cut of 100 devices shows less", hopeless[1], StringComparison.Ordinal);
        Assert.Single(EvidencePower.Say(Planned(new RolloutRequest("leaf", "2.0.0", Gate: new GateSettings { Evidence = false }), Fleet(100))));
    }

    [Fact]
    public void Shadow_stands_in_the_plan_and_may_only_tighten_what_the_package_asks()
    {
        var order = new ShadowOrder { Share = 0.2, Limits = new ShadowLimits { AgreementMin = 0.85 } };
        var request = new RolloutRequest("leaf", "2.0.0", Shadow: order);
        Assert.Equal(order, Planned(request, Fleet(3)).Shadow);

        var refused = Assert.IsType<PlanEnding.Refused>(RolloutPlanner.Plan(request, Leaf, Digest, null, Fleet(3), new ShadowLimits { AgreementMin = 0.9 })).Reason;
        Assert.Contains("only tighten", refused, StringComparison.Ordinal);
        Assert.Contains("least agreement 0.85 where 0.9 is asked", refused, StringComparison.Ordinal);
        Assert.IsType<PlanEnding.Planned>(RolloutPlanner.Plan(request, Leaf, Digest, null, Fleet(3), new ShadowLimits { AgreementMin = 0.8 }));
        Assert.Contains("The share of samples in shadow is 20", Refused(request with { Shadow = new ShadowOrder { Share = 20 } }, Fleet(3)), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_of_a_request_is_said_at_once()
    {
        var request = new RolloutRequest("leaf", "2.0.0", Waves: [0.5, 0.2], Attempt: 0, Gate: new GateSettings { HealthyShareMin = 1.1, DecidedMin = 0, HealthyByMinutes = 1 });
        var refused = Refused(request, Fleet(3));
        Assert.All(["0.5,0.2", "attempt is 0", "1.1", "At least 1 decided device", "healthy by 1"], part => Assert.Contains(part, refused, StringComparison.Ordinal));
        Assert.Contains("Shares of the gate", Refused(new RolloutRequest("leaf", "2.0.0", Gate: new GateSettings { FailureRatioMax = double.NaN }), Fleet(3)), StringComparison.Ordinal);
    }

    private static List<Candidate> Fleet(int devices) =>
        [.. Enumerable.Range(0, devices).Select(i => new Candidate(DeviceId.Parse($"dev-{i:d4}"), HasSlot: true, IsLab: false, IsOnline: true))];

    private static RolloutPlan Planned(RolloutRequest request, IReadOnlyList<Candidate> fleet, Sha256Digest? digest = null) =>
        Assert.IsType<PlanEnding.Planned>(RolloutPlanner.Plan(request, Leaf, digest ?? Digest, null, fleet)).Plan;

    private static string Refused(RolloutRequest request, IReadOnlyList<Candidate> fleet, string? unproven = null) =>
        Assert.IsType<PlanEnding.Refused>(RolloutPlanner.Plan(request, Leaf, Digest, unproven, fleet)).Reason;
}
