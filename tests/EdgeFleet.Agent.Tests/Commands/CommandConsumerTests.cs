using System.Security.Cryptography;
using System.Text.Json;
using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Commands;

public sealed class CommandConsumerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private FakeLife _life = new();

    public CommandConsumerTests() => _authority.Enrol(_folder.Path, TestBoard.Device, 1);

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_command_is_written_down_before_it_is_answered_and_done_after_that_once()
    {
        var consumer = Start();
        var sealed1 = Seal("c1", 1, CommandKind.Restart);
        var result = consumer.Take("c1", sealed1);
        Assert.Equal(("done", 1L, 1L), (result.State, result.Number, result.Held));
        Assert.False(_life.Stopped.IsCompleted);
        Assert.Equal(1, new CommandStore(_folder.Path).Load()!.Number);
        consumer.Do("c1");
        Assert.True(_life.Stopped.IsCompleted);

        // The same message again, to the restarted agent: answered as before, and not done.
        consumer = Start();
        Assert.Equal("done", consumer.Take("c1", sealed1).State);
        consumer.Do("c1");
        Assert.False(_life.Stopped.IsCompleted);
    }

    [Fact]
    public void A_command_whose_answer_was_lost_is_done_when_it_comes_again_to_the_same_process()
    {
        var consumer = Start();
        var sealed1 = Seal("c1", 1, CommandKind.Restart);
        consumer.Take("c1", sealed1);
        consumer.Take("c1", sealed1);
        consumer.Do("c1");
        Assert.True(_life.Stopped.IsCompleted);
    }

    [Fact]
    public void An_old_number_is_stale_and_says_what_is_held()
    {
        var consumer = Start();
        consumer.Take("c9", Seal("c9", 9, CommandKind.Restart));
        var replayed = consumer.Take("c5", Seal("c5", 5, CommandKind.Wipe));
        Assert.Equal(("stale", 9L), (replayed.State, replayed.Held));
        consumer.Do("c5");
        Assert.False(File.Exists(Wipe.MarkIn(_folder.Path)));
    }

    [Fact]
    public void What_is_not_signed_by_a_key_in_force_or_not_for_this_device_or_not_known_is_refused()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var consumer = Start();
        Assert.Equal("refused", consumer.Take("c1", Seal("c1", 1, CommandKind.Wipe, key: stranger)).State);
        Assert.Equal("refused", consumer.Take("c1", Seal("c1", 1, CommandKind.Wipe, device: "board-2")).State);
        Assert.Equal("refused", consumer.Take("c2", Seal("c1", 1, CommandKind.Wipe)).State);
        var asDocument = Envelope.Sign(DesiredDocument.PayloadType, Payload("c1", 1, CommandKind.Wipe, "board-1"), _authority.SigningKey);
        Assert.Equal("refused", consumer.Take("c1", asDocument).State);
        Assert.Equal(0, consumer.Number);
        // Signed and for us, but of a newer agent: its number is used up, so that it is not done after an update years later.
        Assert.Equal("refused", consumer.Take("c7", Seal("c7", 7, "dance")).State);
        Assert.Equal(7, consumer.Number);
        foreach (var id in new[] { "c1", "c2", "c7" })
            consumer.Do(id);
        Assert.False(_life.Stopped.IsCompleted);
    }

    [Fact]
    public void When_it_cannot_be_known_what_was_done_nothing_is_done()
    {
        File.WriteAllText(_folder[CommandStore.FileName], "rubbish");
        var result = Start().Take("c1", Seal("c1", 1, CommandKind.Wipe));
        Assert.Equal("refused", result.State);
        Assert.Contains("Remove it by hand", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wipe_leaves_nothing_but_the_numbers_wherever_it_is_cut()
    {
        File.WriteAllText(_folder["outbox.db"], "records");
        Directory.CreateDirectory(_folder["packages", "a"]);
        File.WriteAllText(_folder["packages", "a", "model.onnx"], "model");
        var consumer = Start();
        consumer.Take("c1", Seal("c1", 1, CommandKind.Wipe));
        consumer.Do("c1");
        Assert.True(File.Exists(Wipe.MarkIn(_folder.Path)));
        Assert.True(File.Exists(_folder["identity", "device.json"]));
        // Cut after the identity was gone.
        Directory.Delete(_folder["identity"], recursive: true);

        Assert.True(Wipe.IfMarked(_folder.Path));
        Assert.Equal([CommandStore.FileName], Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        Assert.False(Wipe.IfMarked(_folder.Path));

        // Enrolled anew, the old command is still of the past.
        _authority.Enrol(_folder.Path, TestBoard.Device, 1);
        consumer = Start();
        consumer.Take("c1", Seal("c1", 1, CommandKind.Wipe));
        consumer.Do("c1");
        Assert.False(File.Exists(Wipe.MarkIn(_folder.Path)));
    }

    private CommandConsumer Start()
    {
        _life = new FakeLife();
        var store = new CommandStore(_folder.Path);
        var desired = new DesiredConsumer(new DesiredStore(_folder.Path), new FakeUpdates(), NullLogger<DesiredConsumer>.Instance);
        var consumer = new CommandConsumer(store, new AgentExit(_life, store), desired, NullLogger<CommandConsumer>.Instance);
        var identity = ((IdentityFound.Enrolled)new IdentityStore(_folder.Path).Load()).Identity;
        desired.Resume(identity);
        consumer.Resume(identity);
        return consumer;
    }

    private Envelope Seal(string id, long number, string kind, string device = "board-1", ECDsa? key = null) =>
        Envelope.Sign(DeviceCommand.PayloadType, Payload(id, number, kind, device), key ?? _authority.SigningKey);

    private static byte[] Payload(string id, long number, string kind, string device) => JsonSerializer.SerializeToUtf8Bytes(
        new DeviceCommand { Device = DeviceId.Parse(device), Id = id, Number = number, Kind = kind }, WireJson.Default.DeviceCommand);
}
