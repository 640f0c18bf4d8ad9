using System.Globalization;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Benchmarks.FramePath;

/// <summary>
/// What a frame costs in the agent beside the bare run of its model: from a decoded frame offered to the queue to its result folded, minus the run of the same
/// session on the same buffers, in interleaved blocks of one process. Then what it leaves for the collector, and the CPU of a slow camera.
/// </summary>
internal static class FramePathBenchmark
{
    private const int Blocks = 30;
    private const int FramesOfBlock = 40;
    private const int WarmFrames = 400;
    private const int AllocationFrames = 10_000;
    private const double SlowRate = 10;
    private const double PrepareShareMax = 0.25;
    private const double OwnShareMax = 0.10;
    private const double CpuShareMax = 0.15;
    private static readonly (int Width, int Height)[] Sizes = [(640, 480), (1280, 720), (1920, 1080)];

    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        if (RealData.Folder is null)
        {
            Console.WriteLine("frame-path: no coffee model beside this checkout, nothing was measured: short");
            return false;
        }

        var path = await PathAsync(cancel);
        var (bytes, frames, rows) = await AllocationAsync(cancel);
        var (cpu, defaultCpu) = await CpuAsync(cancel);
        var prepared = path.Prepare[0] / path.Run;
        var (own, cpuShare) = (path.Own / path.Run, cpu / defaultCpu);
        Print("bare run of the coffee int8 model", path.Run, "us");
        for (var i = 0; i < Sizes.Length; i++)
            Print($"prepare {Sizes[i].Width}x{Sizes[i].Height} with its statistics", path.Prepare[i], "us", path.Prepare[i] / path.Run, i == 0 ? PrepareShareMax : null);
        Print("waking, queue, lease, deadline, answer, observers", path.Own, "us", own, OwnShareMax);
        Print($"of {AllocationFrames} frames, those with which the slot allocated", frames, "");
        Print($"allocated meanwhile, whole process, minute rows closed: {rows}", bytes, "B");
        Print($"CPU of a frame at {SlowRate} a second", cpu, "us", cpuShare, CpuShareMax);
        Print("  by ONNX Runtime's defaults", defaultCpu, "us");

        var holds = prepared <= PrepareShareMax && own <= OwnShareMax && frames <= rows && bytes < AllocationFrames && cpuShare <= CpuShareMax;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"frame-path: prepare {prepared:P1}, own {own:P1} of the run, {frames} of {AllocationFrames} frames allocate, CPU {cpuShare:0.00} of the defaults {(holds ? "ok" : "short")}"));
        return holds;
    }

    private sealed record PathTimes(double Run, double[] Prepare, double Own);

    private static async Task<PathTimes> PathAsync(CancellationToken cancel)
    {
        await using var slot = await SlotUnderTest.StartAsync(queueLength: 8, samplesPerSecond: 0, cancel);
        using var options = new RunOptions();
        var images = Sizes.Select(s => new PixelCamera(s.Width, s.Height).Frame).ToArray();
        var (runs, own) = (new List<double>(), new List<double>());
        var prepares = Sizes.Select(_ => new List<double>()).ToArray();
        for (var i = 0; i < WarmFrames / FramesOfBlock; i++)
        {
            Times(FramesOfBlock, () => slot.Last.WaitFor(Offer(slot)));
            foreach (var image in images)
                Times(FramesOfBlock, () => slot.Model.Preparer.Images!.Prepare(image, slot.Model.Session.Input));
        }

        for (var block = 0; block < Blocks; block++)
        {
            cancel.ThrowIfCancellationRequested();
            var whole = Whole(slot);
            Settle(slot);
            var run = Times(FramesOfBlock, () => slot.Model.Session.Run(options));
            for (var i = 0; i < images.Length; i++)
                prepares[i].Add(Times(FramesOfBlock, () => slot.Model.Preparer.Images!.Prepare(images[i], slot.Model.Session.Input)));
            runs.Add(run);
            own.Add(whole - run - prepares[0][^1]);
        }

        return new PathTimes(Measure.Median(runs), [.. prepares.Select(Measure.Median)], Measure.Median(own));
    }

    /// <summary>From a frame offered to a sleeping slot to its result folded: the median of a block, microseconds.</summary>
    private static double Whole(SlotUnderTest slot)
    {
        var times = new double[FramesOfBlock];
        for (var i = 0; i < FramesOfBlock; i++)
        {
            var begin = TimeProvider.System.GetTimestamp();
            times[i] = TimeProvider.System.GetElapsedTime(begin, slot.Last.WaitFor(Offer(slot))).TotalMicroseconds;
        }

        return Measure.Median(times);
    }

    // The frame's pixels are in the sample from its first use: what is measured begins where a decoded frame is there.
    private static long Offer(SlotUnderTest slot)
    {
        var sample = slot.Host.Samples.Rent();
        if (sample.Pixels.Width != slot.Camera.Frame.Width)
            sample.Pixels.CopyFrom(slot.Camera.Frame);
        sample.GivePixels(Agent.Inference.SampleOrigin.Counted("camera", "frame", 1));
        sample.Stamp(1, TimeProvider.System.GetTimestamp());
        slot.Host.Queue.Offer(sample);
        return slot.Host.Counts.Read;
    }

    private static void Settle(SlotUnderTest slot)
    {
        while (slot.Host.Counts.Waiting > 0)
            Thread.Yield();
    }

    private static double Times(int count, Action action)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var begin = TimeProvider.System.GetTimestamp();
            action();
            times[i] = TimeProvider.System.GetElapsedTime(begin).TotalMicroseconds;
        }

        return Measure.Median(times);
    }

    // A minute's row is made with the frame that ends it: it is the minute's, not the frame's.
    private static async Task<(long Bytes, long Frames, int Rows)> AllocationAsync(CancellationToken cancel)
    {
        await using var slot = await SlotUnderTest.StartAsync(queueLength: 8, samplesPerSecond: 500, cancel);
        // Every sample of the pool gets its buffer before: a busy second may ask for all of them.
        var all = Enumerable.Range(0, slot.QueueLength + 2).Select(_ => slot.Host.Samples.Rent()).ToList();
        foreach (var sample in all)
        {
            sample.Pixels.CopyFrom(slot.Camera.Frame);
            slot.Host.Samples.Return(sample);
        }

        await slot.Worker.StartAsync(cancel);
        slot.Last.WaitFor(WarmFrames);
        var (bytes, frames, rows) = (GC.GetTotalAllocatedBytes(precise: true), slot.Last.Allocating, slot.Rows);
        slot.Last.WaitFor(slot.Last.Count + AllocationFrames);
        return (GC.GetTotalAllocatedBytes(precise: true) - bytes, slot.Last.Allocating - frames, slot.Rows - rows);
    }

    /// <summary>Microseconds of CPU that a frame costs the process, by the agent's slot and by default options, second by second in turns.</summary>
    private static async Task<(double Slot, double Defaults)> CpuAsync(CancellationToken cancel)
    {
        await using var slot = await SlotUnderTest.StartAsync(queueLength: 8, samplesPerSecond: SlowRate, cancel);
        using var defaults = new DefaultSession(slot.Model.Manifest.Input);
        await slot.Worker.StartAsync(cancel);
        slot.Last.WaitFor(2 * (long)SlowRate);
        var (slotCpu, slotFrames, defaultCpu, defaultFrames) = (TimeSpan.Zero, 0L, TimeSpan.Zero, 0L);
        for (var block = 0; block < Blocks; block++)
        {
            slot.Host.Tune(null);
            slot.Last.WaitFor(slot.Last.Count + 1);
            var (cpu, frames) = (Environment.CpuUsage.TotalTime, slot.Last.Count);
            slot.Last.WaitFor(frames + (long)SlowRate);
            (slotCpu, slotFrames) = (slotCpu + Environment.CpuUsage.TotalTime - cpu, slotFrames + slot.Last.Count - frames);

            slot.Host.Tune(new SlotSettings { SamplesPerSecond = 0 });
            cpu = Environment.CpuUsage.TotalTime;
            // Each run with the tenth of a second after it, in which its threads spin.
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1 / SlowRate));
            for (var i = 0; i < SlowRate; i++)
            {
                defaults.Run();
                await timer.WaitForNextTickAsync(cancel);
            }

            (defaultCpu, defaultFrames) = (defaultCpu + Environment.CpuUsage.TotalTime - cpu, defaultFrames + (long)SlowRate);
        }

        return (slotCpu.TotalMicroseconds / slotFrames, defaultCpu.TotalMicroseconds / defaultFrames);
    }

    private static void Print(string what, double value, string unit, double? share = null, double? most = null) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"  {what,-60} {value,9:0} {unit}{(share is { } s ? $"  {s,7:P1}" : "")}{(most is { } m ? $"  (at most {m:P0})" : "")}"));
}
