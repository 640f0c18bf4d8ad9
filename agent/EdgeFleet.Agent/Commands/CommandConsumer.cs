using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Commands;

/// <summary>Takes commands in: judged, written down before they are answered, done after the answer is over there. A command is done once.</summary>
internal sealed partial class CommandConsumer(CommandStore store, AgentExit exit, DesiredConsumer desired, ILogger<CommandConsumer> log)
{
    private DeviceIdentity? _identity;
    private HeldCommands? _held = store.Load();
    private (string Id, string Kind)? _due;

    /// <summary>What a rebaseline makes learn anew; null where drift is not watched.</summary>
    public DriftObserver? Drift { get; init; }

    /// <summary>Number of the last command taken, 0 for none.</summary>
    public long Number => _held?.Number ?? 0;

    /// <summary>Goes on as this device.</summary>
    public void Resume(DeviceIdentity identity)
    {
        _identity = identity;
        _held = store.Load();
    }

    /// <summary>Takes a command in, and says what is to be answered.</summary>
    public CommandResult Take(string id, Shared.Trust.Envelope envelope)
    {
        if (_identity is not { } identity)
            throw new InvalidOperationException("A command came in before it was known which device this is.");
        if (_held is not { } held)
            return Say(new CommandResult { Number = 0, State = "refused", Text = $"{CommandStore.FileName} on the board cannot be read, so it is not known which commands were done. Remove it by hand." });

        switch (CommandPolicy.Judge(id, envelope, identity.Assigned.Device, held.Number, desired.Keys))
        {
            case CommandVerdict.New { Command: var command }:
                return Keep(held, command, "done", command.Kind switch
                {
                    CommandKind.Wipe => "The board wipes itself now.",
                    CommandKind.Rebaseline => "What is usual here is learned anew from now on.",
                    _ => "The agent starts anew now.",
                });
            case CommandVerdict.Stale { Command: var command } when held.Answered.LastOrDefault(a => a.Id == id) is { } before:
                _due = before.Kind == command.Kind && before.Result.State == "done" && before.Id == _due?.Id ? _due : null;
                return Say(before.Result with { Held = held.Number });
            case CommandVerdict.Stale { Command: var command }:
                return Say(new CommandResult { Number = command.Number, State = "stale", Held = held.Number, Text = $"Number {held.Number} was taken before." });
            case CommandVerdict.Refused { Command: { } command, Reason: var reason }:
                return Keep(held, command, "refused", reason);
            case CommandVerdict.Refused refused:
                return Say(new CommandResult { Number = 0, State = "refused", Held = held.Number, Text = refused.Reason });
            default:
                throw new InvalidOperationException("A command was judged in no known way.");
        }
    }

    /// <summary>Does what was taken under this id, once its answer is over there.</summary>
    public void Do(string id)
    {
        if (_due is not { } due || due.Id != id)
            return;

        _due = null;
        Log.Doing(log, due.Kind, due.Id);
        if (due.Kind == CommandKind.Rebaseline)
            Drift?.Rebaseline();
        else
            exit.Ask(due.Kind == CommandKind.Wipe);
    }

    private CommandResult Keep(HeldCommands held, DeviceCommand command, string state, string text)
    {
        var result = new CommandResult { Number = command.Number, State = state, Held = command.Number, Text = text };
        try
        {
            _held = held.With(command.Id, command.Kind, result);
            store.Save(_held);
        }
        catch (IOException e)
        {
            // Not written down, so it may not be done: it could be done twice.
            _held = held;
            return Say(result with { State = "refused", Held = held.Number, Text = $"The board cannot write the command down: {e.Message}" });
        }

        _due = state == "done" ? (command.Id, command.Kind) : null;
        return Say(result);
    }

    private CommandResult Say(CommandResult result)
    {
        Log.Answered(log, result.Number, result.State, result.Text);
        return result;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "Command {Number}: {State}. {Text}")]
        public static partial void Answered(ILogger logger, long number, string state, string text);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Doing {Kind}, command {Id}")]
        public static partial void Doing(ILogger logger, string kind, string id);
    }
}
