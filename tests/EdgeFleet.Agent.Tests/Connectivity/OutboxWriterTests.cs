using System.Text.Json;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>The writer of the outbox, also over a disk that takes nothing.</summary>
public sealed class OutboxWriterTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HealthBoard _board = new(TimeProvider.System);
    private readonly ConnectivityOptions _options = new() { CommitMs = 5 };
    private readonly OutboxStore _store;
    private readonly OutboxWriter _writer;

    public OutboxWriterTests()
    {
        _store = new OutboxStore(_folder["outbox.db"], _options, _board, TimeProvider.System, NullLogger<OutboxStore>.Instance);
        _writer = new OutboxWriter(_store, _options, TimeProvider.System, NullLogger<OutboxWriter>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Records_of_many_threads_are_all_kept_each_under_its_own_number()
    {
        await Parallel.ForEachAsync(Enumerable.Range(1, 4), async (thread, _) =>
        {
            for (var i = 0; i < 300; i++)
                _writer.Add(Some.Row(thread * 1000 + i));
            await _writer.FlushAsync();
        });
        var rows = _store.Read("minute", 0, 10_000_000);
        Assert.Equal(Enumerable.Range(1, 1200).Select(i => (long)i), rows.Select(r => r.Seq));
        Assert.Equal(1200, rows.Select(r => JsonSerializer.Deserialize(r.Payload, WireJson.Default.MinuteRow)!.Answered).Distinct().Count());
    }

    [Fact]
    public async Task What_was_added_before_the_end_is_on_disk_after_it()
    {
        _writer.Add(Some.Row(1));
        _writer.Add(Some.Profile(1));
        await _writer.DisposeAsync();
        Assert.Equal(1, _store.Waiting("minute", 0).Count);
        Assert.Equal(1, _store.Waiting("profile", 0).Count);
        _writer.Add(Some.Row(2)); // Too late, and no reason to throw at a slot.
    }

    [Fact]
    public async Task An_event_names_its_photo_by_what_the_photo_is_and_none_when_it_is_too_large()
    {
        byte[] photo = [1, 2, 3];
        var claimed = Some.Event(1) with { Alert = Some.Event(1).Alert! with { Photo = Sha256Digest.Of([9]) } };
        _writer.Add(claimed, photo);
        _writer.Add(claimed, new byte[WireCodec.BlobBytesMax + 1]);
        await _writer.FlushAsync();
        var events = _store.Read("event", 0, 100_000).Select(r => JsonSerializer.Deserialize(r.Payload, WireJson.Default.DeviceEvent)!).ToList();
        Assert.Equal(Sha256Digest.Of(photo), events[0].Alert!.Photo);
        Assert.Null(events[1].Alert!.Photo);
        Assert.Equal(photo, _store.Blob(Sha256Digest.Of(photo)));
    }

    [Fact]
    public async Task A_record_that_fits_into_no_message_is_counted_and_reported_as_a_gap()
    {
        var huge = Some.Profile(1) with { Outputs = [.. Enumerable.Range(0, 40_000).Select(i => 1_000_000_000L + i)] };
        _writer.Add(huge);
        _writer.Add(Some.Row(1));
        await _writer.FlushAsync();
        Assert.Equal(0, _store.Waiting("profile", 0).Count);
        var gap = JsonSerializer.Deserialize(Assert.Single(_store.Read("event", 0, 100_000)).Payload, WireJson.Default.DeviceEvent)!.Gap!;
        Assert.Equal(1, gap.Missing);
    }

    [Fact]
    public async Task While_the_disk_takes_nothing_adding_does_not_wait_and_what_is_lost_is_said_once_it_takes_again()
    {
        var full = SmallDisk.Mount(_folder["small"]);
        if (full is null)
            Assert.Skip("Mounting a tmpfs needs root.");

        using (full)
        {
            var store = new OutboxStore(full.Path, _options, _board, TimeProvider.System, NullLogger<OutboxStore>.Instance);
            var writer = new OutboxWriter(store, _options, TimeProvider.System, NullLogger<OutboxWriter>.Instance);
            writer.Add(Some.Row(1));
            await writer.FlushAsync();
            Assert.Equal(1, store.Waiting("minute", 0).Count);

            full.Fill();
            // One small row may still fit into pages that are there; photos do not.
            for (var i = 0; i < 30; i++)
                writer.Add(Some.Event(i), Noise(90_000, i));
            await UntilAsync(() => _board.Warnings.Any(w => w.Code == OutboxStore.WarningFull));
            for (var i = 0; i < 5000; i++)
                writer.Add(Some.Row(2 + i));
            Assert.Equal(1, store.Waiting("minute", 0).Count);

            full.Empty();
            await UntilAsync(() => store.Waiting("minute", 0).Count > 1 && _board.Warnings.Count == 0);
            await writer.FlushAsync();
            writer.Add(Some.Row(9999));
            await writer.FlushAsync();
            var events = store.Read("event", 0, 10_000_000).Select(r => JsonSerializer.Deserialize(r.Payload, WireJson.Default.DeviceEvent)!).ToList();
            Assert.Equal(30, events.Count(e => e.Type == EventType.Alert));
            Assert.Equal(5002, store.Waiting("minute", 0).Count + events.Where(e => e.Type == EventType.Gap).Sum(e => e.Gap!.Missing));
            Assert.True(events.Where(e => e.Type == EventType.Gap).Sum(e => e.Gap!.Missing) > 0);
            await writer.DisposeAsync();
            store.Dispose();
        }
    }

    private static byte[] Noise(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!holds())
            await tick.WaitForNextTickAsync(timeout.Token);
    }

    /// <summary>A real file system of 4 MB that can be filled.</summary>
    private sealed class SmallDisk : IDisposable
    {
        private readonly string _mount;

        private SmallDisk(string mount) => _mount = mount;

        public string Path => System.IO.Path.Combine(_mount, "outbox.db");

        private string Ballast => System.IO.Path.Combine(_mount, "ballast");

        public static SmallDisk? Mount(string mount)
        {
            Directory.CreateDirectory(mount);
            return Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", mount) == 0 ? new SmallDisk(mount) : null;
        }

        public void Fill()
        {
            using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, 1);
            try
            {
                while (true)
                    file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // Full, as wanted.
            }
        }

        public void Empty() => File.Delete(Ballast);

        public void Dispose() => Run("umount", "-l", _mount);

        private static int Run(string program, params string[] args)
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, args) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
    }
}
