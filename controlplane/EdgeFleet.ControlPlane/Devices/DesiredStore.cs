using System.Text.Json;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>
/// Keeps the wishes and the signed document of each device. Many devices share a transaction; of two processes that change one document, the second
/// is told by the row version and does it again on what the first left.
/// </summary>
internal sealed partial class DesiredStore(IDbContextFactory<FleetContext> contexts, DesiredSigner signer, IDownlink downlink, TimeProvider time, ILogger<DesiredStore> log) : IDesiredStore
{
    private const int DevicesPerTransaction = 100;
    private const int TriesMax = 20;

    public Task<int> WishAsync(IReadOnlyCollection<(DeviceId Device, DesiredSlot Wish)> wishes, CancellationToken cancel) => ChangeAsync(
        wishes.ToLookup(w => w.Device, w => w.Wish),
        (rows, device, wish) => rows.Wish(device, wish),
        cancel);

    public Task<int> WithdrawAsync(IReadOnlyCollection<(DeviceId Device, SlotName Slot)> slots, long rollout, CancellationToken cancel) => ChangeAsync(
        slots.ToLookup(s => s.Device, s => s.Slot),
        (rows, device, slot) => rows.Withdraw(device, slot, rollout),
        cancel);

    /// <summary>
    /// Answers a hello: sends the document if the device holds an older one. A device that is ahead met this side before it was restored from a
    /// backup: the document goes on from its version + 1, and the history says so.
    /// </summary>
    public async Task AnswerHelloAsync(DeviceId device, long heldVersion, CancellationToken cancel)
    {
        var sent = await RetryAsync(async () =>
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            var rows = await DesiredRows.LoadAsync(db, [device], cancel);
            var version = rows.VersionOf(device);
            if (version == heldVersion)
                return [];
            if (version < heldVersion)
            {
                rows.Sign(device, heldVersion + 1, signer, Now);
                db.Add(new DeviceHistory
                {
                    Device = device,
                    At = Now,
                    What = "desired",
                    Text = $"The device held desired version {heldVersion}, this control plane {version}: it was restored from a backup. It goes on from version {heldVersion + 1}.",
                });
                Log.DeviceAhead(log, device, heldVersion, version);
                await db.SaveChangesAsync(cancel);
            }

            return [rows.DocumentOf(device)];
        });
        await SendAsync(sent, cancel);
    }

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    private async Task<int> ChangeAsync<T>(ILookup<DeviceId, T> changes, Func<DesiredRows, DeviceId, T, bool> change, CancellationToken cancel)
    {
        var count = 0;
        foreach (var chunk in changes.Chunk(DevicesPerTransaction))
        {
            var changed = await RetryAsync(async () =>
            {
                await using var db = await contexts.CreateDbContextAsync(cancel);
                var rows = await DesiredRows.LoadAsync(db, [.. chunk.Select(g => g.Key)], cancel);
                List<DeviceId> touched = [.. chunk.Where(g => rows.Knows(g.Key) && g.Select(c => change(rows, g.Key, c)).ToList().Contains(true)).Select(g => g.Key)];
                touched.ForEach(device => rows.Sign(device, rows.NextVersionOf(device), signer, Now));
                await db.SaveChangesAsync(cancel);
                return touched.ConvertAll(rows.DocumentOf);
            });
            count += changed.Count;
            await SendAsync(changed, cancel);
        }

        return count;
    }

    // A row that came or changed in between shows as a concurrency fault or as a key that exists already; both are new facts, not errors.
    private static async Task<List<(DeviceId Device, Envelope Document)>> RetryAsync(Func<Task<List<(DeviceId, Envelope)>>> change)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await change();
            }
            catch (DbUpdateException) when (tries < TriesMax)
            {
            }
        }
    }

    private async Task SendAsync(List<(DeviceId Device, Envelope Document)> documents, CancellationToken cancel)
    {
        foreach (var (device, document) in documents)
        {
            try
            {
                await downlink.SendDesiredAsync(device, document, cancel);
            }
            catch (Exception e) when (!cancel.IsCancellationRequested)
            {
                Log.DesiredNotSent(log, device, e);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Device} holds desired version {Held}, this side {Version}: restored from a backup, going on from the device's")]
        public static partial void DeviceAhead(ILogger logger, DeviceId device, long held, long version);

        [LoggerMessage(2, LogLevel.Warning, "The desired document of {Device} was not sent; it gets it after its next hello")]
        public static partial void DesiredNotSent(ILogger logger, DeviceId device, Exception error);
    }
}
