using System.Globalization;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>What systemd says of the rights of the shipped services.</summary>
internal static class UnitExposure
{
    private const double ExposureMax = 2.0;
    private static readonly string[] Units = ["edgefleet-agent.service", "edgefleet-controlplane.service"];

    /// <summary>True when each is at most 2.0.</summary>
    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        var holds = true;
        foreach (var unit in Units)
        {
            var file = Path.Combine(RealData.CheckoutRoot, "provisioning", "systemd", unit);
            var (_, _, all) = await LocalProcess.RunAsync(["systemd-analyze", "security", "--offline=true", "--no-pager", file], TimeSpan.FromSeconds(60), cancel);
            var verdict = all.Split('\n').Single(l => l.Contains("Overall exposure level", StringComparison.Ordinal));
            var exposure = double.Parse(verdict.Split(": ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  exposure of {unit}: {exposure:0.0} (at most {ExposureMax:0.0})"));
            holds &= exposure <= ExposureMax;
        }

        return holds;
    }
}
