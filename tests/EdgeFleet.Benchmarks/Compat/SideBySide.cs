using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>A control plane and an agent of different versions that meet for the first time: enrolment, telemetry, rollouts.</summary>
internal static class SideBySide
{
    /// <summary>An agent of a tag at a control plane of today whose packages are signed, packed as today.</summary>
    /// <returns>What was seen.</returns>
    public static async Task<string> TagsAgentAsync(Programs tag, string folder, CancellationToken cancel)
    {
        await using var fleet = new CompatFleet(folder, cancel);
        await fleet.StartControlPlaneAsync(Programs.Today);
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, cancel);
        await publisher.BeginAsync();
        TestPackage[] packages = [CompatPackages.Version(1), CompatPackages.WithPhotos(2)];
        await fleet.EnrolAsync(tag);
        fleet.StartBoard(tag);
        foreach (var package in packages)
        {
            await publisher.PushAsync(package);
            await fleet.RollOutAsync(package);
            await fleet.AliveAsync(package);
        }

        var holdsToRoot = Directory.Exists(Path.Combine(fleet.Board.StateFolder, "trust"));
        return $"enrolled, took {packages.Length} signed packages{(holdsToRoot ? "" : ", whose signatures it does not know")}";
    }

    /// <summary>Today's agent at a control plane of a tag.</summary>
    /// <returns>What was seen.</returns>
    public static async Task<string> TodaysAgentAsync(Programs tag, string folder, CancellationToken cancel)
    {
        await using var fleet = new CompatFleet(folder, cancel);
        await fleet.StartControlPlaneAsync(tag);
        await fleet.EnrolAsync(Programs.Today);
        fleet.StartBoard(Programs.Today);
        TestPackage[] packages = [CompatPackages.Version(1), CompatPackages.Version(2)];
        foreach (var package in packages)
        {
            await fleet.PublishAsync(package);
            await fleet.RollOutAsync(package);
            await fleet.AliveAsync(package);
        }

        return $"enrolled, took {packages.Length} packages";
    }
}
