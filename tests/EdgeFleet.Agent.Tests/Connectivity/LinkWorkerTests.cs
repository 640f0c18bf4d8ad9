using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using MQTTnet.Formatter;

namespace EdgeFleet.Agent.Tests.Connectivity;

/// <summary>The whole link over real TLS to a real broker.</summary>
public sealed class LinkWorkerTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly TestControlPlane _plane;

    public LinkWorkerTests()
    {
        _plane = new TestControlPlane(_authority);
        _authority.Enrol(_folder.Path, TestBoard.Device, _plane.Port);
    }

    public async ValueTask DisposeAsync()
    {
        await _plane.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_board_says_hello_reports_sends_what_it_has_and_forgets_what_is_acknowledged()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        for (var i = 1; i <= 20; i++)
            board.Writer.Add(Some.Row(i));
        board.Writer.Add(Some.Event(1));
        board.Writer.Add(Some.Profile(1));

        await _plane.WaitAsync(() => _plane.Stored("minute").Count == 20 && _plane.Stored("event").Count == 1 && _plane.Stored("profile").Count == 1, "all records");
        await _plane.WaitAsync(() => RecordStream.All.All(s => board.Outbox.Waiting(s, 0).Count == 0), "an empty outbox");

        var hello = Assert.Single(_plane.Hellos);
        Assert.Equal(board.Outbox.Epoch, hello.Epoch);
        Assert.Equal("test-board", hello.Hardware);
        Assert.Equal([Some.Slot], hello.Slots);
        Assert.Equal(36, hello.Boot.Length);
        Assert.Equal(7, _plane.Reports[0].Slots[0].Samples.Answered);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), _plane.Stored("minute").Select(r => r.Seq));
        Assert.Equal("board-1/board-1/CN=board-1", _plane.Clients[0]);
        Assert.Equal(MqttProtocolVersion.V500, _plane.Protocols[0]);
        Assert.Equal(0, _plane.Duplicates);
        var presence = await _plane.RetainedPresenceAsync(TestBoard.Device);
        Assert.Equal(("ready", hello.Session), (presence?.State, presence?.Session));
    }

    [Fact]
    public async Task A_board_that_is_stopped_says_off_and_one_that_is_thrown_out_comes_back_under_the_next_session()
    {
        await _plane.StartAsync();
        var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => _plane.Reports.Count == 1, "the first report");
        await _plane.KickAsync(TestBoard.Device);
        await _plane.WaitAsync(() => _plane.Reports.Count == 2, "the report of the second connection");
        await board.DisposeAsync();

        var presence = await _plane.RetainedPresenceAsync(TestBoard.Device);
        Assert.Equal("off", presence?.State);
        Assert.Equal(_plane.Hellos[^1].Session, presence?.Session);
        Assert.True(_plane.Hellos[1].Session > _plane.Hellos[0].Session);
        Assert.True(_plane.Reports[1].Revision > _plane.Reports[0].Revision);
    }

    [Fact]
    public async Task A_broker_that_speaks_only_3_1_1_serves_as_well()
    {
        _plane.IsOldBroker = true;
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        board.Writer.Add(Some.Event(1));
        await _plane.WaitAsync(() => _plane.Stored("event").Count == 1, "the event");
        Assert.Equal([MqttProtocolVersion.V500, MqttProtocolVersion.V311], _plane.Protocols);
    }

    [Fact]
    public async Task Nothing_is_lost_and_the_order_kept_while_the_broker_is_away()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        board.Writer.Add(Some.Row(1));
        await _plane.WaitAsync(() => _plane.Stored("minute").Count == 1, "the first row");
        await _plane.StopAsync();
        for (var i = 2; i <= 3000; i++)
        {
            board.Writer.Add(Some.Row(i));
            if (i % 1000 == 0)
                await board.Writer.FlushAsync();
        }

        board.Writer.Add(Some.Event(1));
        await board.Writer.FlushAsync();
        await _plane.WaitAsync(() => board.Board.Warnings.Any(w => w.Code == LinkWorker.WarningDown), "the warning that the link is down");

        await _plane.StartAsync();
        await _plane.WaitAsync(() => _plane.Stored("minute").Count == 3000, "all rows");
        Assert.Equal(Enumerable.Range(1, 3000).Select(i => (long)i), _plane.Stored("minute").Select(r => r.Seq));
        Assert.Equal(3000, _plane.Stored("minute").Select(r => r.Json).Distinct().Count());
        await _plane.WaitAsync(() => board.Board.Warnings.Count == 0, "no warning left");
        Assert.Single(_plane.Stored("minute").Select(r => r.Epoch).Distinct());
    }

    [Fact]
    public async Task An_unacknowledged_batch_comes_again_and_changes_nothing()
    {
        _plane.Acknowledges = false;
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        board.Writer.Add(Some.Event(1));
        board.Writer.Add(Some.Event(2));
        await _plane.WaitAsync(() => _plane.Duplicates >= 2, "the same events again");
        Assert.Equal(2, board.Outbox.Waiting("event", 0).Count);

        _plane.Acknowledges = true;
        await _plane.WaitAsync(() => board.Outbox.Waiting("event", 0).Count == 0, "an empty outbox");
        Assert.Equal(2, _plane.Stored("event").Count);
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_stepped_over_and_reported()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        board.Writer.Add(Some.Row(1));
        await board.Writer.FlushAsync();
        board.Outbox.TryAppend([new NewRecord("minute", Some.Slot, [0xFF, 0x00])]);
        board.Writer.Add(Some.Row(3));
        await _plane.WaitAsync(() => board.Outbox.Waiting("minute", 0).Count == 0 && _plane.Stored("minute").Count == 2, "both good rows");
        await _plane.WaitAsync(() => _plane.Stored("event").Any(e => e.Json.Contains("could not be read", StringComparison.Ordinal)), "the gap");
        Assert.Equal([1L, 3L], _plane.Stored("minute").Select(r => r.Seq));
    }

    [Fact]
    public async Task An_acknowledgement_of_another_epoch_deletes_nothing()
    {
        _plane.Acknowledges = false;
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        board.Writer.Add(Some.Event(1));
        await _plane.WaitAsync(() => _plane.Stored("event").Count == 1, "the event");
        await _plane.SendAckAsync(TestBoard.Device, new Ack { Epoch = "another", Streams = { ["event"] = 1 } });
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(1));
        await _plane.WaitAsync(() => board.Updates.Offered.Count == 1, "the document that followed the ack");
        Assert.Equal(1, board.Outbox.Waiting("event", 0).Count);
    }

    [Fact]
    public async Task A_wiped_store_begins_a_new_epoch_and_its_records_are_no_duplicates()
    {
        await _plane.StartAsync();
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            board.Writer.Add(Some.Event(1));
            await _plane.WaitAsync(() => board.Outbox.Waiting("event", 0).Count == 0 && _plane.Stored("event").Count == 1, "the first event");
        }

        foreach (var file in Directory.GetFiles(_folder.Path, "outbox.db*"))
            File.Delete(file);
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            board.Writer.Add(Some.Event(2));
            await _plane.WaitAsync(() => _plane.Stored("event").Count == 2, "the second event");
        }

        Assert.Equal(0, _plane.Duplicates);
        Assert.Equal([1L, 1L], _plane.Stored("event").Select(r => r.Seq));
        Assert.True(_plane.Hellos[1].Session > _plane.Hellos[0].Session);
    }

    [Fact]
    public async Task A_store_that_went_back_in_time_gets_a_new_epoch_instead_of_losing_records_as_duplicates()
    {
        await _plane.StartAsync();
        await using (var board = await TestBoard.StartAsync(_folder.Path))
            await _plane.WaitAsync(() => _plane.Hellos.Count == 1, "the hello");
        var image = File.ReadAllBytes(_folder["outbox.db"]);
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            board.Writer.Add(Some.Event(1));
            await _plane.WaitAsync(() => board.Outbox.Waiting("event", 0).Count == 0 && _plane.Stored("event").Count == 1, "the first event");
        }

        foreach (var file in Directory.GetFiles(_folder.Path, "outbox.db*"))
            File.Delete(file);
        File.WriteAllBytes(_folder["outbox.db"], image);
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            await _plane.WaitAsync(() => _plane.Hellos.Count == 4, "a hello under a new epoch");
            board.Writer.Add(Some.Event(2));
            await _plane.WaitAsync(() => _plane.Stored("event").Count == 2, "the second event");
        }

        Assert.NotEqual(_plane.Hellos[0].Epoch, _plane.Hellos[3].Epoch);
        Assert.Contains(_plane.Stored("event"), r => r.Json.Contains("\"seen\":2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_photo_follows_its_event_and_is_forgotten_once_stored()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        var photo = RandomNumberGenerator.GetBytes(90_000);
        board.Writer.Add(Some.Event(1), photo);
        await _plane.WaitAsync(() => _plane.Blobs.Count == 1, "the photo");
        await _plane.WaitAsync(() => board.Outbox.Blobs(long.MaxValue).Count == 0, "no photo left on the board");

        Assert.Contains(Sha256Digest.Of(photo), _plane.Blobs);
        Assert.Contains(Sha256Digest.Of(photo).Value, _plane.Stored("event")[0].Json, StringComparison.Ordinal);
        var kinds = _plane.Order.Select(o => o.Kind).ToList();
        Assert.True(kinds.IndexOf(TopicKind.Event) < kinds.IndexOf(TopicKind.Blob));
    }

    [Fact]
    public async Task A_photo_whose_event_was_acknowledged_before_a_restart_still_comes()
    {
        await using (var board = new TestBoard(_folder.Path))
        {
            board.Writer.Add(Some.Event(1), new byte[] { 1, 2, 3 });
            await board.Writer.FlushAsync();
            board.Outbox.Forget(new Ack { Epoch = board.Outbox.Epoch, Streams = { ["event"] = 1 } });
        }

        await _plane.StartAsync();
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            board.Writer.Add(Some.Event(2));
            await _plane.WaitAsync(() => _plane.Blobs.Contains(Sha256Digest.Of([1, 2, 3])), "the photo");
        }
    }

    [Fact]
    public async Task Reports_follow_changes_and_are_gathered()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => _plane.Reports.Count == 1, "the first report");
        for (var i = 0; i < 100; i++)
            board.Updates.Become($"Step{i}");
        board.Board.Raise("disk-full", null, "The disk is full.", "Free space.");
        await _plane.WaitAsync(() => _plane.Reports[^1].Slots[0].State == "Step99", "the last state");
        Assert.InRange(_plane.Reports.Count, 2, 3);
        Assert.Equal("disk-full", Assert.Single(_plane.Reports[^1].Warnings).Code);
    }

    [Fact]
    public async Task A_signed_newer_document_is_taken_kept_and_offered_again_after_a_restart()
    {
        await _plane.StartAsync();
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            await _plane.WaitAsync(() => _plane.Reports.Count == 1, "the first report");
            await _plane.SendDesiredAsync(TestBoard.Device, Wish(5));
            await _plane.WaitAsync(() => board.Updates.Offered.Count == 1, "the offer");
        }

        await _plane.StopAsync();
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            await _plane.WaitAsync(() => board.Updates.Offered.Count >= 1, "the offer of what is held, with nobody to connect to");
            Assert.Equal(5, board.Desired.Version);
            await _plane.StartAsync();
            await _plane.WaitAsync(() => _plane.Hellos.Count == 2, "the second hello");
            Assert.Equal(5, _plane.Hellos[1].DesiredVersion);
        }
    }

    [Fact]
    public async Task Stale_forged_foreign_and_garbled_documents_change_nothing_and_are_reported()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => _plane.Reports.Count == 1, "the first report");
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(5));
        await _plane.WaitAsync(() => board.Updates.Offered.Count == 1, "the offer");

        await _plane.SendDesiredAsync(TestBoard.Device, Wish(5));
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(4));
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(6) with { Device = DeviceId.Parse("board-2") });
        await _plane.WaitAsync(() => _plane.Reports[^1].DesiredError?.Contains("board-2", StringComparison.Ordinal) == true, "the refusal of a foreign document");

        using var thief = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(7), thief);
        await _plane.WaitAsync(() => _plane.Reports[^1].DesiredError?.Contains("trusts", StringComparison.Ordinal) == true, "the refusal of a forged document");

        await _plane.SendAsync(TestBoard.Device, TopicKind.Desired, Encoding.UTF8.GetBytes("{\"no\":"));
        await _plane.WaitAsync(() => _plane.Reports[^1].DesiredError?.Contains("put aside", StringComparison.Ordinal) == true, "the refusal of what is no JSON");

        Assert.Single(board.Updates.Offered);
        Assert.Equal(5, board.Desired.Version);
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(8));
        await _plane.WaitAsync(() => _plane.Reports[^1] is { DesiredError: null, DesiredVersion: 8 }, "the next good document");
    }

    [Fact]
    public async Task Keys_rotate_in_band_and_the_old_one_counts_no_more()
    {
        await _plane.StartAsync();
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            await _plane.WaitAsync(() => _plane.Reports.Count == 1, "the first report");
            await _plane.SendDesiredAsync(TestBoard.Device, Wish(1) with { Keys = [PublicKey.Of(next)] });
            await _plane.WaitAsync(() => board.Desired.Version == 1, "the document with the new key");
        }

        await using (var board = await TestBoard.StartAsync(_folder.Path))
        {
            await _plane.WaitAsync(() => _plane.Reports.Count >= 2 && _plane.Hellos.Count == 2, "the second connection");
            await _plane.SendDesiredAsync(TestBoard.Device, Wish(2));
            await _plane.WaitAsync(() => board.Desired.Error is not null, "the refusal of the old key");
            await _plane.SendDesiredAsync(TestBoard.Device, Wish(3), next);
            await _plane.WaitAsync(() => board.Desired.Version == 3, "the document by the new key");
        }
    }

    [Fact]
    public async Task A_board_that_is_not_enrolled_says_so_and_connects_once_it_is()
    {
        using var folder = new TempFolder();
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(folder.Path);
        board.Writer.Add(Some.Event(1));
        await _plane.WaitAsync(() => board.Board.Warnings.Count == 1, "the warning");
        Assert.Equal(LinkWorker.WarningNotEnrolled, board.Board.Warnings[0].Code);
        Assert.Contains("edgefleet-agent enrol TICKET", board.Board.Warnings[0].Remedy, StringComparison.Ordinal);

        _authority.Enrol(folder.Path, TestBoard.Device, _plane.Port);
        await _plane.WaitAsync(() => _plane.Stored("event").Count == 1, "the event");
        Assert.Empty(board.Board.Warnings);
    }

    [Fact]
    public async Task A_control_plane_of_another_authority_is_not_talked_to()
    {
        using var other = new TestAuthority();
        await using var impostor = new TestControlPlane(other);
        await impostor.StartAsync();
        _authority.Enrol(_folder.Path, TestBoard.Device, impostor.Port);
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => board.Board.Warnings.Any(w => w.Code == LinkWorker.WarningDown), "the warning");
        Assert.Contains("certificate", board.Board.Warnings[0].Text, StringComparison.Ordinal);
        Assert.Empty(impostor.Clients);
    }

    [Fact]
    public async Task A_disk_that_does_not_take_the_document_leaves_the_old_one_in_force()
    {
        await _plane.StartAsync();
        await using var board = await TestBoard.StartAsync(_folder.Path);
        await _plane.WaitAsync(() => _plane.Reports.Count == 1, "the first report");
        Directory.CreateDirectory(_folder["desired.json"]);
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(1));
        await _plane.WaitAsync(() => board.Desired.Error is not null, "the refusal");
        Assert.Empty(board.Updates.Offered);
        Assert.Equal(0, board.Desired.Version);

        Directory.Delete(_folder["desired.json"]);
        await _plane.SendDesiredAsync(TestBoard.Device, Wish(1));
        await _plane.WaitAsync(() => board.Updates.Offered.Count == 1, "the offer once the disk is well");
        Assert.Null(board.Desired.Error);
    }

    private static DesiredDocument Wish(long version) => new()
    {
        Device = TestBoard.Device,
        Version = version,
        Slots = [new DesiredSlot { Slot = Some.Slot, Package = new() { Name = "coffee", Version = "2.0.0", Digest = Sha256Digest.Of([1]), Size = 1 } }],
    };
}
