using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Stores photos and samples of devices and acknowledges them.</summary>
internal sealed partial class BlobConsumer(UplinkLanes lanes, DataFolder folder, KnownDevices known, AckCoalescer acks, TelemetryMeter meter, ILogger<BlobConsumer> log) : BackgroundService
{
    private readonly ContentStore _blobs = new(folder.Blobs);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var blob in lanes.Blobs.Reader.ReadAllAsync(stoppingToken))
            await TakeAsync(blob, stoppingToken);
    }

    /// <summary>Takes one blob in.</summary>
    public async Task TakeAsync(BlobMessage blob, CancellationToken cancel)
    {
        try
        {
            _blobs.Add(blob.Content);
            meter.BlobStored();
            // Before the first hello of a device its epoch is not known; it sends the blob again.
            if ((await known.FindAsync(blob.Device, cancel))?.Epoch is { } epoch)
                acks.AddBlob(blob.Device, epoch, blob.Digest);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            Log.BlobNotStored(log, blob.Digest, blob.Device, folder.Blobs, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Blob {Digest} of {Device} was not stored in {Folder}; it is not acknowledged and comes again. Check the disk")]
        public static partial void BlobNotStored(ILogger logger, Sha256Digest digest, DeviceId device, string folder, Exception error);
    }
}
