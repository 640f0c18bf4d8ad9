using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>What strangers, other devices and used tickets get from the real programs: nothing, and cheaply.</summary>
internal static class SecurityBenchmark
{
    private const int Seed = 20261124;
    private static readonly string[] Alike = ["abc", "abc-1", "abc-12", "abcd"];

    /// <summary>Runs all parts; true when each holds.</summary>
    public static async Task<bool> RunAsync(IReadOnlyList<string> seeds, CancellationToken cancel)
    {
        var seed = seeds.Count > 0 ? int.Parse(seeds[0], System.Globalization.CultureInfo.InvariantCulture) : Seed;
        using var folder = new TempFolder();
        // The benchmark is one address: it may enrol as often as it has to.
        await using var plane = new ControlPlaneProcess(folder["controlplane"], new() { ["Enrolment"] = new System.Text.Json.Nodes.JsonObject { ["RequestsPerMinute"] = 1000 } });
        await plane.StartAsync(cancel);
        await plane.AddUserAsync("bench", "admin", cancel);
        using var api = await plane.ClientAsync("bench", cancel);

        var parts = new (string Name, Func<Task<bool>> Run)[]
        {
            ("certificates at listeners", () => new CertificateMatrix(plane, api).RunAsync(cancel)),
            ("own topics only", () => IsolationAsync(api, seed, cancel)),
            ("tickets", () => TokenReuse.RunAsync(api, cancel)),
            ("1,000 strangers without TLS", () => FloodTrial.PlainAsync(folder, cancel)),
            ("1,000 strangers at the TLS port", () => FloodTrial.TlsAsync(plane, api, cancel)),
            ("rights of the services", () => UnitExposure.RunAsync(cancel)),
            ("open ports", () => AgentPorts.RunAsync(folder, api, cancel)),
        };
        var missed = new List<string>();
        foreach (var (name, run) in parts)
        {
            Console.WriteLine(name);
            if (!await run())
                missed.Add(name);
        }

        Console.WriteLine($"security: {parts.Length - missed.Count} of {parts.Length} parts hold{(missed.Count > 0 ? $", not: {string.Join(", ", missed)}" : "")} {(missed.Count == 0 ? "ok" : "short")}");
        return missed.Count == 0;
    }

    private static async Task<bool> IsolationAsync(FleetClient api, int seed, CancellationToken cancel)
    {
        var ticket = (await api.CreateTokenAsync(new EnrolmentTokenRequest(Uses: Alike.Length), cancel)).Ticket;
        var devices = new Dictionary<string, BenchDevice>();
        foreach (var wish in Alike)
        {
            var device = await BenchDevice.EnrolAsync(ticket, wish, cancel);
            devices[device.Id] = device;
        }

        using var ca = X509Certificate2.CreateFromPem(devices.Values.First().Answer.Ca);
        return await new TopicIsolation("our broker",
            async id => await Doors.ConnectAsync(devices[id].Answer.MqttPort, ca, devices[id].Certificate, id, cancel) ?? throw new InvalidOperationException($"{id} was not let in."), seed)
            .RunAsync([.. devices.Keys], ownMustPass: true, subscribeCodesCount: true, cancel);
    }
}
