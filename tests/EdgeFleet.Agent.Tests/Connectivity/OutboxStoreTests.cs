using System.Text.Json;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>The outbox on real files.</summary>
public sealed class OutboxStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000));
    private readonly HealthBoard _board;

    public OutboxStoreTests() => _board = new HealthBoard(_time);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Numbers_begin_at_1_and_go_on_after_everything_was_acknowledged_and_the_store_opened_again()
    {
        string epoch;
        using (var store = Open())
        {
            epoch = store.Epoch;
            Assert.Equal(1, store.Low("minute"));
            Assert.True(store.TryAppend([Minute(1), Minute(2)]));
            store.Forget(new Ack { Epoch = epoch, Streams = { ["minute"] = 2 } });
            Assert.Equal(3, store.Low("minute"));
        }

        using (var store = Open())
        {
            Assert.Equal(epoch, store.Epoch);
            Assert.True(store.TryAppend([Minute(3)]));
            Assert.Equal(3, Assert.Single(store.Read("minute", 0, 1000)).Seq);
            Assert.Equal(3, store.Low("minute"));
        }
    }

    [Fact]
    public void Sessions_and_revisions_grow_across_restarts()
    {
        long session, revision;
        using (var store = Open())
            (session, revision) = (store.NextSession(), store.NextRevision());
        using (var store = Open())
        {
            Assert.True(store.NextSession() > session);
            Assert.Equal(revision + 1, store.NextRevision());
        }
    }

    [Fact]
    public void What_was_committed_stands_after_a_kill_and_what_was_not_is_gone_whole()
    {
        using var store = Open();
        store.TryAppend([Minute(1), Minute(2)]);
        // What a killed process leaves is what is in the files now: they are copied while the store is still open.
        using var after = new TempFolder();
        foreach (var file in Directory.GetFiles(_folder.Path))
            File.Copy(file, after[Path.GetFileName(file)]);
        store.TryAppend([Minute(3)]);

        using var reopened = Open(after["outbox.db"]);
        Assert.Equal(store.Epoch, reopened.Epoch);
        Assert.Equal([1L, 2L], reopened.Read("minute", 0, 1000).Select(r => r.Seq));
        reopened.TryAppend([Minute(4)]);
        Assert.Equal([1L, 2L, 3L], reopened.Read("minute", 0, 1000).Select(r => r.Seq));
    }

    [Fact]
    public void A_log_cut_anywhere_still_opens_with_a_prefix_of_what_was_committed()
    {
        using var store = Open();
        for (var i = 1; i <= 5; i++)
            store.TryAppend([Minute(i)]);
        var (file, log) = (File.ReadAllBytes(_folder["outbox.db"]), File.ReadAllBytes(_folder["outbox.db-wal"]));
        var seen = new HashSet<int>();
        for (var cut = log.Length; cut >= 0; cut -= 1371)
        {
            using var after = new TempFolder();
            File.WriteAllBytes(after["outbox.db"], file);
            File.WriteAllBytes(after["outbox.db-wal"], log[..cut]);
            using var reopened = Open(after["outbox.db"]);
            var held = reopened.Read("minute", 0, 100_000).Select(r => r.Seq).ToList();
            Assert.Equal(Enumerable.Range(1, held.Count).Select(i => (long)i), held);
            Assert.Empty(Directory.GetFiles(after.Path, "*.bad-*"));
            seen.Add(held.Count);
        }

        Assert.Contains(5, seen);
        Assert.Contains(0, seen);
    }

    [Theory]
    [InlineData("no database at all, only text that goes on for a while so that it is longer than a header of a hundred bytes is. And more.")]
    [InlineData("SQLite format 3\0 and then something that cannot be right, whatever follows it, for it is only text, again and again, and again.")]
    public void A_damaged_file_is_put_aside_and_a_new_epoch_begun(string content)
    {
        string first;
        using (var store = Open())
            first = store.Epoch;
        File.WriteAllText(_folder["outbox.db"], content);

        using var renewed = Open();
        Assert.NotEqual(first, renewed.Epoch);
        Assert.True(renewed.TryAppend([Minute(1)]));
        var aside = Assert.Single(Directory.GetFiles(_folder.Path, "outbox.db.bad-*"));
        Assert.Equal(content, File.ReadAllText(aside));
        Assert.Equal(OutboxStore.WarningDamaged, Assert.Single(_board.Warnings).Code);
    }

    [Fact]
    public void Damage_that_shows_only_in_use_is_handled_the_same_way()
    {
        using (var store = Open())
        {
            store.TryAppend([.. Enumerable.Range(1, 2000).Select(i => Minute(i))]);
        }

        // Everything behind the first page (header and schema) becomes noise.
        using (var file = File.Open(_folder["outbox.db"], FileMode.Open))
        {
            file.Seek(4096, SeekOrigin.Begin);
            file.Write(Enumerable.Repeat((byte)0xAB, (int)file.Length - 4096).ToArray());
        }

        using var renewed = Open();
        renewed.Read("minute", 0, 1_000_000);
        for (var i = 0; i < 3; i++)
            renewed.TryAppend([Minute(1)]);
        Assert.NotEmpty(renewed.Read("minute", 0, 1_000_000));
        Assert.Single(Directory.GetFiles(_folder.Path, "outbox.db.bad-*"), f => !f.EndsWith("-wal", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_a_later_version_is_put_aside_unread()
    {
        using (var store = Open())
            store.TryAppend([Minute(1)]);
        using (var connection = new SqliteConnection($"Data Source={_folder["outbox.db"]};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA user_version = {OutboxDatabase.SchemaVersion + 1}";
            command.ExecuteNonQuery();
        }

        using var renewed = Open();
        Assert.Empty(renewed.Read("minute", 0, 1000));
        Assert.NotEmpty(Directory.GetFiles(_folder.Path, "outbox.db.bad-*"));
    }

    [Fact]
    public void A_second_agent_on_the_same_folder_keeps_its_records_in_memory_and_takes_the_file_over_later()
    {
        var first = Open();
        first.TryAppend([Minute(1)]);
        using var second = Open();
        Assert.Equal(OutboxStore.WarningFull, Assert.Single(_board.Warnings).Code);
        Assert.Contains("another agent", _board.Warnings[0].Text, StringComparison.Ordinal);
        second.TryAppend([Minute(2)]);
        Assert.NotEqual(first.Epoch, second.Epoch);
        var epoch = first.Epoch;
        first.Dispose();

        _time.Advance(TimeSpan.FromMinutes(1));
        second.TryAppend([Minute(3)]);
        Assert.Equal(epoch, second.Epoch);
        Assert.Equal([1L, 2L, 3L], second.Read("minute", 0, 1000).Select(r => Row(r).Answered));
        Assert.Empty(_board.Warnings);
    }

    [Fact]
    public void A_full_outbox_drops_the_oldest_rows_steps_low_and_says_what_is_gone()
    {
        using var store = Open(options: new ConnectivityOptions { OutboxMbMax = 1 });
        var total = 0;
        for (var i = 0; i < 40; i++)
        {
            Assert.True(store.TryAppend([.. Enumerable.Range(0, 100).Select(_ => Minute(++total))]));
            store.TryAppend([Event(i)]);
        }

        var low = store.Low("minute");
        Assert.InRange(low, 2, total);
        var rows = ReadAll(store, "minute");
        Assert.Equal(low, rows[0].Seq);
        Assert.Equal(total, rows[^1].Seq);
        Assert.Equal(total - low + 1, rows.Count);
        var events = ReadAll(store, "event").Select(r => JsonSerializer.Deserialize(r.Payload, WireJson.Default.DeviceEvent)!).ToList();
        Assert.Equal(40, events.Count(e => e.Type == EventType.Alert));
        Assert.Equal(low - 1, events.Where(e => e.Type == EventType.Gap).Sum(e => e.Gap!.Missing));
        Assert.True(rows.Sum(r => r.Payload.Length) < 512 * 1024);
    }

    [Fact]
    public void Photos_give_way_before_events_and_the_file_stays_in_bounds()
    {
        using var store = Open(options: new ConnectivityOptions { OutboxMbMax = 1 });
        for (var i = 0; i < 60; i++)
        {
            var content = new byte[90_000];
            Random(content, i);
            Assert.True(store.TryAppend([Event(i, new Photo(Sha256Digest.Of(content), content))]));
        }

        Assert.InRange(store.Blobs(long.MaxValue).Count, 5, 11);
        var alerts = ReadAll(store, "event").Select(r => JsonSerializer.Deserialize(r.Payload, WireJson.Default.DeviceEvent)!).Count(e => e.Type == EventType.Alert);
        Assert.Equal(60, alerts);
        Assert.True(new FileInfo(_folder["outbox.db"]).Length < 3 << 20);
    }

    [Fact]
    public void Records_that_waited_too_long_are_dropped_from_the_front_only()
    {
        using var store = Open(options: new ConnectivityOptions { MinuteDaysMax = 10 });
        store.TryAppend([Minute(1), Minute(2)]);
        _time.Advance(TimeSpan.FromDays(6));
        store.TryAppend([Minute(3)]);
        _time.Advance(TimeSpan.FromDays(5));
        store.TryAppend([Minute(4)]);
        Assert.Equal([3L, 4L], store.Read("minute", 0, 1000).Select(r => r.Seq));
        Assert.Equal(2, JsonSerializer.Deserialize(Assert.Single(store.Read("event", 0, 1000)).Payload, WireJson.Default.DeviceEvent)!.Gap!.Missing);
    }

    [Fact]
    public void An_acknowledgement_beyond_what_was_ever_numbered_renews_the_epoch_and_deletes_nothing()
    {
        using var store = Open();
        store.TryAppend([Minute(1)]);
        var epoch = store.Epoch;
        store.Forget(new Ack { Epoch = epoch, Streams = { ["minute"] = 99 } });
        Assert.NotEqual(epoch, store.Epoch);
        Assert.Single(store.Read("minute", 0, 1000));
    }

    private OutboxStore Open(string? path = null, ConnectivityOptions? options = null) =>
        new(path ?? _folder["outbox.db"], options ?? new ConnectivityOptions(), _board, _time, NullLogger<OutboxStore>.Instance);

    private static List<StoredRecord> ReadAll(OutboxStore store, string stream)
    {
        var all = new List<StoredRecord>();
        while (store.Read(stream, all.Count == 0 ? 0 : all[^1].Seq, 100_000) is { Count: > 0 } some)
            all.AddRange(some);
        return all;
    }

    private static NewRecord Minute(long number) =>
        new(RecordStream.Minute, Some.Slot, JsonSerializer.SerializeToUtf8Bytes(Some.Row(number), WireJson.Default.MinuteRow));

    private static MinuteRow Row(StoredRecord record) => JsonSerializer.Deserialize(record.Payload, WireJson.Default.MinuteRow)!;

    private static NewRecord Event(long number, Photo? photo = null) =>
        new(RecordStream.Event, Some.Slot, JsonSerializer.SerializeToUtf8Bytes(Some.Event(number), WireJson.Default.DeviceEvent), photo);

    private static void Random(byte[] content, int seed) => new Random(seed).NextBytes(content);
}
