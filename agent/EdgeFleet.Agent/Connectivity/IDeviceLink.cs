using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>
/// One connection to a control plane, in some dialect. Sending completes when the other side's broker has the message, which is not yet
/// durable: only <see cref="LinkInput.Acked"/> is. One caller at a time; not used again after it was lost.
/// </summary>
internal interface IDeviceLink : IAsyncDisposable
{
    /// <summary>Connects, says that the device is ready, and begins to receive.</summary>
    /// <param name="session">Number of this connection.</param>
    /// <param name="receive">Gets what comes in, in order, the loss of the connection last; may hold the sender back.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="LinkException">There is no connection, and why.</exception>
    Task OpenAsync(long session, Func<LinkInput, ValueTask> receive, CancellationToken cancel);

    /// <summary>Introduces the device.</summary>
    /// <exception cref="LinkException">The connection is lost.</exception>
    Task HelloAsync(Hello hello, CancellationToken cancel);

    /// <summary>Sends the whole state.</summary>
    /// <exception cref="LinkException">The connection is lost.</exception>
    Task ReportAsync(ReportedState state, CancellationToken cancel);

    /// <summary>Sends a batch.</summary>
    /// <exception cref="LinkException">The connection is lost.</exception>
    Task SendAsync(OutgoingBatch batch, CancellationToken cancel);

    /// <summary>Sends a photo.</summary>
    /// <exception cref="LinkException">The connection is lost.</exception>
    Task SendPhotoAsync(Sha256Digest digest, byte[] content, CancellationToken cancel);

    /// <summary>Says what became of a command.</summary>
    /// <exception cref="LinkException">The connection is lost.</exception>
    Task AnswerAsync(string command, CommandResult result, CancellationToken cancel);

    /// <summary>Says that the device goes off on purpose and disconnects. Never throws.</summary>
    Task CloseAsync();
}

/// <summary>What comes in over a connection.</summary>
internal abstract record LinkInput
{
    /// <summary>A desired document, sealed.</summary>
    public sealed record Desired(Envelope Envelope) : LinkInput;

    /// <summary>A command, sealed, with the id of its topic.</summary>
    public sealed record Command(string Id, Envelope Envelope) : LinkInput;

    /// <summary>A message that cannot be read, and why.</summary>
    public sealed record Garbled(string Topic, string Reason) : LinkInput;

    /// <summary>Records are committed.</summary>
    public sealed record Acked(Ack Ack) : LinkInput;

    /// <summary>The connection is gone.</summary>
    public sealed record Lost(LinkFault Fault, string Reason) : LinkInput;

    /// <summary>Nothing came in; there may be something to do.</summary>
    public sealed record Nothing : LinkInput;
}

/// <summary>How a connection failed.</summary>
internal enum LinkFault
{
    /// <summary>No network, no name, nobody listening, or a timeout.</summary>
    Unreachable,

    /// <summary>The other side is not the control plane that enrolled this board.</summary>
    Untrusted,

    /// <summary>The control plane does not let this device in.</summary>
    Refused,

    /// <summary>Another client came with this device's identity.</summary>
    TakenOver,

    /// <summary>A connection that stood broke.</summary>
    Lost,
}

/// <summary>A connection that cannot be made or used, with what was tried.</summary>
internal sealed class LinkException(LinkFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How it failed.</summary>
    public LinkFault Fault => fault;
}
