using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.DeviceCommands;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Devices;

public abstract class CommandTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    private static readonly Person Ana = new("ana", Policies.Operator);
    private static readonly Person Ben = new("ben", Policies.Operator);

    [Fact]
    public async Task A_command_is_signed_with_a_growing_number_sent_again_after_each_hello_and_ends_with_the_answer()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var first = await AskAsync(device, CommandKind.Restart);
        var second = await AskAsync(device, CommandKind.Restart);
        Assert.Equal((1, 2), (first.Number, second.Number));
        Assert.Equal(2, Plane.Downlink.Commands.Count);
        var opened = Open(Plane.Downlink.Commands[1]);
        Assert.Equal((device, second.Id, 2L, CommandKind.Restart), (opened.Device, opened.Id, opened.Number, opened.Kind));

        await Plane.HelloAsync(device);
        Assert.Equal([first.Id, second.Id], Plane.Downlink.Commands.Skip(2).Select(c => c.Id));

        await AnswerAsync(device, first.Id, new CommandResult { Number = 1, State = "done", Held = 1, Text = "The agent starts anew now." });
        await AnswerAsync(device, second.Id, new CommandResult { Number = 2, State = "refused", Held = 2, Text = "no" });
        Plane.Downlink.Commands.Clear();
        await Plane.HelloAsync(device, session: 2);
        Assert.Empty(Plane.Downlink.Commands);
        var ended = await Desk.ListAsync(device, Cancel);
        Assert.Equal(["done", "refused"], ended.OrderBy(c => c.Number).Select(c => c.State));
    }

    [Fact]
    public async Task A_wipe_needs_somebody_else_than_who_asked()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var wipe = await AskAsync(device, CommandKind.Wipe);
        Assert.Equal("needs approval", wipe.State);
        Assert.Empty(Plane.Downlink.Commands);

        var own = Assert.IsType<CommandEnding.Refused>(await Desk.ApproveAsync(wipe.Id, new Person("ANA", Policies.Admin), Cancel));
        Assert.Contains("somebody else", own.Reason, StringComparison.Ordinal);
        await Plane.HelloAsync(device);
        Assert.Empty(Plane.Downlink.Commands);

        var approved = Assert.IsType<CommandEnding.Done>(await Desk.ApproveAsync(wipe.Id, Ben, Cancel)).Command;
        Assert.Equal(("waiting", 1, "ben"), (approved.State, approved.Number, approved.ApprovedBy));
        Assert.Equal(CommandKind.Wipe, Open(Assert.Single(Plane.Downlink.Commands)).Kind);
        Assert.IsType<CommandEnding.Refused>(await Desk.ApproveAsync(wipe.Id, Ben, Cancel));
    }

    [Fact]
    public async Task A_device_that_is_ahead_gets_the_same_command_under_a_number_that_counts()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var asked = await AskAsync(device, CommandKind.Restart);
        await AnswerAsync(device, asked.Id, new CommandResult { Number = 1, State = "stale", Held = 40 });
        var again = Open(Plane.Downlink.Commands[^1]);
        Assert.Equal((asked.Id, 41L), (again.Id, again.Number));
        Assert.Equal("waiting", Assert.Single(await Desk.ListAsync(device, Cancel)).State);
        // An answer that is late to the first number starts nothing anew.
        var sent = Plane.Downlink.Commands.Count;
        await AnswerAsync(device, asked.Id, new CommandResult { Number = 1, State = "stale", Held = 40 });
        Assert.Equal(sent, Plane.Downlink.Commands.Count);
    }

    [Fact]
    public async Task A_withdrawn_command_is_not_sent_any_more_and_an_answer_to_it_changes_nothing()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var asked = await AskAsync(device, CommandKind.Restart);
        Assert.IsType<CommandEnding.Done>(await Desk.WithdrawAsync(asked.Id, Ben, Cancel));
        Plane.Downlink.Commands.Clear();
        await Plane.HelloAsync(device);
        Assert.Empty(Plane.Downlink.Commands);
        await AnswerAsync(device, asked.Id, new CommandResult { Number = 1, State = "done", Held = 1 });
        Assert.Equal("withdrawn", Assert.Single(await Desk.ListAsync(device, Cancel)).State);
    }

    [Fact]
    public async Task What_is_not_on_the_list_and_what_another_device_answers_changes_nothing()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var other = await Plane.EnrolAsync("leaf-2");
        Assert.IsType<CommandEnding.Refused>(await Desk.AskAsync(device, new CommandRequest("shell"), Ana, Cancel));
        Assert.IsType<CommandEnding.NotFound>(await Desk.AskAsync(DeviceId.Parse("nobody"), new CommandRequest(CommandKind.Restart), Ana, Cancel));
        var asked = await AskAsync(device, CommandKind.Restart);
        await AnswerAsync(other, asked.Id, new CommandResult { Number = 1, State = "done", Held = 1 });
        Assert.Equal("waiting", Assert.Single(await Desk.ListAsync(device, Cancel)).State);
    }

    [Fact]
    public async Task Two_boards_that_speak_as_one_are_marked_once_with_what_to_do()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        foreach (var (boot, session) in new[] { ("a", 1), ("b", 2), ("a", 3), ("b", 4) })
        {
            await Plane.PublishAsync(device, TopicKind.Hello, null, WireCodec.Encode(
                new Hello { Epoch = "epoch-1", Boot = boot, Session = session, Agent = "0.1.0", At = session }, WireJson.Default.Hello));
        }

        var row = Assert.Single(await Plane.RowsAsync<Device>());
        Assert.True(row.IsCloned);
        Assert.NotNull(row.Quarantined);
        Assert.Contains("enrol TICKET --force", row.QuarantineReason, StringComparison.Ordinal);
        Assert.Single(await Plane.RowsAsync<DeviceHistory>(), h => h.What == "cloned");
    }

    private CommandDesk Desk => new(Plane.Get<Microsoft.EntityFrameworkCore.IDbContextFactory<EdgeFleet.ControlPlane.Data.FleetContext>>(), Plane.Get<CommandStore>(), Plane.Create<AuditLog>(), Plane.Time);

    private async Task<CommandSummary> AskAsync(DeviceId device, string kind) =>
        Assert.IsType<CommandEnding.Done>(await Desk.AskAsync(device, new CommandRequest(kind, "a test"), Ana, Cancel)).Command;

    private Task AnswerAsync(DeviceId device, string id, CommandResult result) =>
        Plane.PublishAsync(device, TopicKind.CommandResult, id, WireCodec.Encode(result, WireJson.Default.CommandResult));

    private DeviceCommand Open((DeviceId Device, string Id, Shared.Trust.Envelope Command) sent)
    {
        var payload = sent.Command.Open(DeviceCommand.PayloadType, [Plane.Get<DesiredSigner>().PublicKey], out var error);
        Assert.True(payload is not null, error);
        return JsonSerializer.Deserialize(payload, WireJson.Default.DeviceCommand)!;
    }
}

public sealed class CommandOnSqliteTests() : CommandTests(null);

public sealed class CommandOnPostgresTests(PostgresFixture postgres) : CommandTests(postgres);
