using System.ComponentModel;
using System.Globalization;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>Where a program's output goes: how it is cut, where frames and faults wait, what is counted.</summary>
internal sealed record CommandOutput(IStreamCutter Cutter, LatestFrame Latest, SourceCounters Counters);

/// <summary>
/// Keeps a source's program running, on a thread of its own: starts it, reads its output into the cutter, ends it when it stalls, and starts it anew after a
/// pause that grows. Each end is told to the reader, with the tail of what the program said.
/// </summary>
internal sealed partial class CommandRunner(CommandOptions options, CommandOutput output, AgentProgram agent, TimeProvider time, SlotLog slot) : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);

    private readonly ManualResetEventSlim _stop = new();
    private readonly StderrTail _errors = new();
    private readonly RestartPolicy _restarts = new();
    private readonly byte[] _buffer = new byte[BufferBytes];
    private Thread? _thread;

    /// <summary>Begins on the first call; the program runs until this is disposed.</summary>
    public void EnsureStarted()
    {
        if (_thread is not null)
            return;

        _thread = new Thread(Loop) { IsBackground = true, Name = $"source-{slot.Slot}" };
        _thread.Start();
    }

    /// <summary>Ends the program and its thread.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
    }

    private void Loop()
    {
        while (!_stop.IsSet)
        {
            var begun = time.GetTimestamp();
            var before = output.Cutter.Whole;
            var fault = Attempt();
            if (_stop.IsSet)
                return;

            output.Latest.Fail(fault);
            output.Counters.AddRestart();
            var pause = _restarts.Next(time.GetElapsedTime(begun), output.Cutter.Whole > before);
            Log.Ended(slot.Logger, slot.Slot, fault.Why, pause.TotalSeconds);
            WaitFor(pause);
        }
    }

    private SourceFault Attempt()
    {
        _errors.Clear();
        output.Cutter.Restart();
        if (ProgramPath.Find(options.Program, Environment.GetEnvironmentVariable("PATH")) is not { } program)
        {
            return new SourceFault(
                $"There is no program '{options.Program}' that may be run.", $"Install it on the board, or correct Program of slot {slot.Slot} in the agent's configuration.");
        }

        try
        {
            using var child = SourceChild.Start(agent, program, options.Arguments, _errors);
            Log.Started(slot.Logger, slot.Slot, program, child.Id);
            try
            {
                return Follow(child);
            }
            finally
            {
                child.End();
            }
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return new SourceFault($"{program} could not be run: {e.Message}", "Look at the board's memory and its limit of processes.");
        }
    }

    // Reads until the program ends or stalls, or the agent stops.
    private SourceFault Follow(SourceChild child)
    {
        var (whole, since) = (output.Cutter.Whole, time.GetTimestamp());
        while (!_stop.IsSet)
        {
            var read = child.Read(_buffer, Glance);
            if (read > 0)
                output.Cutter.Feed(_buffer.AsSpan(0, read.Value));
            if (output.Cutter.Whole != whole)
                (whole, since) = (output.Cutter.Whole, time.GetTimestamp());
            else if (time.GetElapsedTime(since).TotalSeconds >= options.StallSeconds)
                return Stalled();
            // The end of the output comes a moment before the end of the program, and not at all where a grandchild holds it.
            if (read == 0 || (read is null && child.HasEnded(TimeSpan.Zero)))
                return Ended(child);
        }

        return new SourceFault("The agent stops.", "");
    }

    private SourceFault Stalled()
    {
        return new SourceFault(
            string.Create(CultureInfo.InvariantCulture, $"{options.Program} gave nothing usable for {options.StallSeconds} s and was ended.{Complaint(" It sent nothing.")}{Said()}"),
            "Look at the camera or sensor and its cable; the program is started again by itself.");
    }

    private SourceFault Ended(SourceChild child)
    {
        // It may only have closed its output: then it is ended here.
        var byItself = child.HasEnded(TimeSpan.FromSeconds(1));
        var code = child.End();
        var how = code > 128 && !byItself ? "closed its output and was ended" : code > 128 ? $"was ended by signal {code - 128}" : $"ended with code {code}";
        return new SourceFault(
            $"{options.Program} {how}.{Complaint("")}{Said()}",
            "Run it by hand as the agent's user with the same arguments; it is started again by itself.");
    }

    private string Complaint(string otherwise) => output.Cutter.Complaint() is { Length: > 0 } complaint ? $" {complaint}" : otherwise;

    private string Said() => _errors.ToString() is { Length: > 0 } said ? $" It said: {said}" : "";

    // By the injected clock, and cut short by the end.
    private void WaitFor(TimeSpan pause)
    {
        using var over = new ManualResetEventSlim();
        using var timer = time.CreateTimer(static o => ((ManualResetEventSlim)o!).Set(), over, pause, Timeout.InfiniteTimeSpan);
        WaitHandle.WaitAny([_stop.WaitHandle, over.WaitHandle]);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Debug, "Slot {Slot}: {Program} runs as process {Process}")]
        public static partial void Started(ILogger logger, SlotName slot, string program, int process);

        [LoggerMessage(LogLevel.Debug, "Slot {Slot}: {Why} It is started again in {Seconds} s")]
        public static partial void Ended(ILogger logger, SlotName slot, string why, double seconds);
    }
}
