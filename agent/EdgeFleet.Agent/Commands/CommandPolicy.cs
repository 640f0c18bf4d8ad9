using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Commands;

/// <summary>What becomes of a command that came in.</summary>
internal abstract record CommandVerdict
{
    /// <summary>It is signed, for this device, new and known.</summary>
    public sealed record New(DeviceCommand Command) : CommandVerdict;

    /// <summary>Its number is not above the last one taken: it is never done again, or came from a control plane that knows less.</summary>
    public sealed record Stale(DeviceCommand Command) : CommandVerdict;

    /// <summary>It must not be followed, and why. With a command only when it is signed, so that the refusal uses its number up.</summary>
    public sealed record Refused(string Reason, DeviceCommand? Command = null) : CommandVerdict;
}

/// <summary>Judges commands. Pure.</summary>
internal static class CommandPolicy
{
    /// <summary>Judges one.</summary>
    /// <param name="id">Id of its topic.</param>
    /// <param name="envelope">As it came.</param>
    /// <param name="device">This device.</param>
    /// <param name="held">Number of the last command taken, 0 for none.</param>
    /// <param name="trusted">Keys in force.</param>
    public static CommandVerdict Judge(string id, Envelope envelope, DeviceId device, long held, IReadOnlyCollection<PublicKey> trusted)
    {
        if (envelope.Open(DeviceCommand.PayloadType, trusted, out var error) is not { } payload)
            return new CommandVerdict.Refused($"The command was refused. {error}");
        if (Read(payload, out error) is not { } command)
            return new CommandVerdict.Refused($"The command is signed and cannot be read: {error}");
        if (command.V != 1)
            return new CommandVerdict.Refused($"The command has version {command.V} of the wire and this agent knows 1. Update the agent.");
        if (command.Device != device)
            return new CommandVerdict.Refused($"The command is for device {command.Device}; this is {device}.");
        if (command.Id != id)
            return new CommandVerdict.Refused($"The command {command.Id} came under the name of {id}.");
        if (command.Number <= held)
            return new CommandVerdict.Stale(command);

        return CommandKind.All.Contains(command.Kind)
            ? new CommandVerdict.New(command)
            : new CommandVerdict.Refused($"This agent does not know the command '{command.Kind}'. It knows: {string.Join(", ", CommandKind.All)}.", command);
    }

    private static DeviceCommand? Read(byte[] payload, out string? error)
    {
        try
        {
            error = "it is 'null'.";
            return JsonSerializer.Deserialize(payload, WireJson.Default.DeviceCommand);
        }
        catch (JsonException e)
        {
            error = e.Message;
            return null;
        }
    }
}
