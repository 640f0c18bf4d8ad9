using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>Which ports the published agent opens while it is connected and at work.</summary>
internal static class AgentPorts
{
    private const string Listening = "0A";

    /// <summary>True when there is none.</summary>
    public static async Task<bool> RunAsync(TempFolder folder, FleetClient api, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder["photos"]);
        await File.WriteAllBytesAsync(folder["photos", "1.jpg"], TestImages.NoisyJpeg(64, 64, 1), cancel);
        await using var board = new AgentProcess(folder["board"], new JsonObject
        {
            ["Slots"] = new JsonObject
            {
                ["leaf"] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = folder["photos"], ["Loop"] = true, ["SamplesPerSecond"] = 5 } },
            },
        });
        await board.EnrolAsync((await api.CreateTokenAsync(new EnrolmentTokenRequest(), cancel)).Ticket, "ports-board", cancel);
        board.Start();
        await Eventually.GetAsync(async () => (await api.DeviceAsync(board.DeviceId, cancel)).Device.LastHeard is { } heard ? (object)heard : null, "the agent's hello", TimeSpan.FromSeconds(60), cancel);
        var open = Of(board.ProcessId);
        Console.WriteLine($"  ports the agent listens on: {(open.Count == 0 ? "none" : string.Join(", ", open))}");
        return open.Count == 0;
    }

    /// <summary>Ports on which a process listens (TCP) or is bound without a peer (UDP).</summary>
    public static IReadOnlyList<string> Of(int pid)
    {
        var mine = Directory.EnumerateFiles($"/proc/{pid}/fd").Select(f => new FileInfo(f).LinkTarget)
            .Where(t => t?.StartsWith("socket:[", StringComparison.Ordinal) == true).Select(t => t!["socket:[".Length..^1]).ToHashSet();
        return [.. Rows(pid, "tcp", mine, Listening), .. Rows(pid, "tcp6", mine, Listening), .. Rows(pid, "udp", mine, null), .. Rows(pid, "udp6", mine, null)];
    }

    private static IEnumerable<string> Rows(int pid, string protocol, HashSet<string> inodes, string? state) =>
        File.ReadLines($"/proc/{pid}/net/{protocol}").Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(f => inodes.Contains(f[9]) && (state is null ? f[2].EndsWith(":0000", StringComparison.Ordinal) : f[3] == state))
            .Select(f => $"{protocol} {Convert.ToInt32(f[1].Split(':')[1], 16)}");
}
