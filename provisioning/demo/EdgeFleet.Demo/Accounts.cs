using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Demo;

/// <summary>Counts at the end: every sample a board accepted was answered, every record it made is stored.</summary>
internal static class Accounts
{
    /// <summary>Stops the boards, lets the last records arrive, and checks the sums.</summary>
    public static async Task<string> SettleAsync(DemoFleet fleet, CancellationToken cancel)
    {
        // What a board reports last stands for all of its samples.
        var devices = new List<DeviceDetail>();
        foreach (var board in fleet.Boards)
        {
            devices.Add(await Eventually.GetAsync(async () => await fleet.Api.DeviceAsync(board.DeviceId, cancel) is var d && d.Streams.Any(s => s.Stream == RecordStream.Event && s.Acknowledged > 0)
                && d.Streams.Any(s => s.Stream == RecordStream.Minute && s.Acknowledged > 0) ? d : null, $"the records of {board.DeviceId}", TimeSpan.FromMinutes(1), cancel));
        }

        var slots = devices.SelectMany(d => d.Device.Slots).ToList();
        var samples = slots.Sum(s => s.Samples.Answered);
        var unanswered = slots.Sum(s => s.Samples.Unanswered);
        var streams = devices.SelectMany(d => d.Streams).ToList();
        var acknowledged = streams.Sum(s => s.Acknowledged);
        var lost = streams.Sum(s => s.Lost);
        foreach (var device in devices)
            Narrator.Say($"{device.Device.Id}: {string.Join(", ", device.Streams.Select(s => $"{s.Stream} {s.Stored} stored of {s.Acknowledged} acknowledged"))}");

        var counts = $"samples {samples}, records acknowledged {acknowledged}, records lost {lost}, samples accepted and unanswered {unanswered}";
        return samples > 0 && acknowledged > 0 && lost == 0 && unanswered == 0 ? $"demo: ok {counts}" : throw new DemoException(counts);
    }
}
