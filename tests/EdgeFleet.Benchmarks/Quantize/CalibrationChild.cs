using System.Diagnostics;
using System.Globalization;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.Benchmarks.Quantize;

/// <summary>Calibration alone, in a process of its own, so that its memory is nobody else's.</summary>
internal static class CalibrationChild
{
    /// <summary>The word that this program is called by.</summary>
    public const string Word = "calibration-alone";

    /// <summary>Starts the process and reads what it says: seconds of CPU, and the most resident memory.</summary>
    public static async Task<(double Seconds, double Mb)> MeasureAsync(CancellationToken cancel)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Environment.GetCommandLineArgs()[0], Word, OwnNetwork.Marker]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        var words = (await child.StandardOutput.ReadToEndAsync(cancel)).Trim().Split(' ');
        await child.WaitForExitAsync(cancel);
        return (double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What the process does.</summary>
    public static Task<bool> RunAsync(CancellationToken cancel)
    {
        var lab = PhotoLab.Coffee();
        var model = FloatModel.Prepare(OnnxFile.Read(lab.File), "coffee");
        using var samples = lab.Take("train", 200, cancel);
        using var watch = new TensorWatch(model, new QdqPlan(model.Graph).Tensors, SampleFeed.Of(lab.Specs.Input));
        var ranges = HistogramCalibrator.Run(watch, samples, () => { }, cancel);
        foreach (var calibrator in Enum.GetValues<Calibrator>()) RangeChooser.Choose(ranges, calibrator, QuantizationTarget.Cpu);

        var peak = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:0.00} {int.Parse(peak, CultureInfo.InvariantCulture) / 1024.0:0.0}"));
        return Task.FromResult(true);
    }
}
