using System.IO.Pipelines;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Waits for the whole CONNECT of a connection, within its cap and its time, before anything is made for it. Whoever sends something else, or
/// nothing, costs no more than the socket, and no exception.
/// </summary>
internal static class ConnectGate
{
    // Type 1, and no flags.
    private const byte Connect = 0x10;

    /// <summary>True when a whole CONNECT waits in the pipe; nothing of it is consumed.</summary>
    /// <param name="input">What the peer sends.</param>
    /// <param name="within">Longest wait, from now to the last byte.</param>
    /// <param name="time">Clock of the wait.</param>
    public static async Task<bool> HasArrivedAsync(PipeReader input, TimeSpan within, TimeProvider time)
    {
        using var limit = time.CreateTimer(static reader => ((PipeReader)reader!).CancelPendingRead(), input, within, Timeout.InfiniteTimeSpan);
        while (true)
        {
            var read = await input.ReadAsync();
            var verdict = FrameGuard.Judge(read.Buffer);
            if (read.IsCanceled || verdict.Fault is not null || (!read.Buffer.IsEmpty && read.Buffer.FirstSpan[0] != Connect))
                return false;

            if (verdict.PacketBytes <= read.Buffer.Length)
            {
                input.AdvanceTo(read.Buffer.Start);
                return true;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
                return false;
        }
    }
}
