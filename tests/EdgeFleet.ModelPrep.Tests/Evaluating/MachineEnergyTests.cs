using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Evaluating;

public sealed class MachineEnergyTests : IDisposable
{
    private readonly TempFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Counters_of_packages_are_summed_and_may_wrap_round()
    {
        var first = Zone("intel-rapl:0", "package-0", 1_000_000);
        Zone("intel-rapl:0:0", "core", 5_000_000);
        Zone("intel-rapl:1", "package-1", 0);
        var energy = MachineEnergy.Find(_root.Path);

        Assert.Equal(0, energy.Joule());
        File.WriteAllText(first, "3000000\n");
        Assert.Equal(2, energy.Joule()!.Value, 9);
        File.WriteAllText(first, "1000000\n");

        // From 3 J to the end of the range at 10 J, and 1 J more.
        Assert.Equal(10, energy.Joule()!.Value, 9);
        Assert.Contains("2 processor package(s)", energy.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_counter_it_is_unavailable_and_no_guess()
    {
        var energy = MachineEnergy.Find(_root.Path);

        Assert.False(energy.IsThere);
        Assert.Equal("Energy: unavailable, this machine has no energy counter (RAPL).", energy.Note);
    }

    private string Zone(string zone, string name, long energy)
    {
        var place = Directory.CreateDirectory(_root["sys/class/powercap", zone]).FullName;
        File.WriteAllText(Path.Combine(place, "name"), name + "\n");
        File.WriteAllText(Path.Combine(place, "max_energy_range_uj"), "10000000\n");
        File.WriteAllText(Path.Combine(place, "energy_uj"), $"{energy}\n");
        return Path.Combine(place, "energy_uj");
    }
}
