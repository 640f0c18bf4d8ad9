using System.Diagnostics;
using System.Globalization;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Quantize;

/// <summary>
/// The quantizer on the real coffee photos: what each part buys, chosen on training and validation photos, with test read once for what was chosen; the backbone with its own
/// 1,000 answers; the coffee model made hard on purpose; and the speed of int8 on this CPU.
/// </summary>
internal static class QuantizeBenchmark
{
    private const int LostMax = 1;
    private const double AgreementMin = 0.98;
    private const double ChangeMax = 0.03;
    private const double SizeMax = 0.30;
    private const double CalibrationSecondsMax = 10;
    private const double CalibrationMbMax = 200;
    private const double RunSecondsMax = 30;
    private const double HardPointsMax = 0.015;
    private const double LargeSpeedMin = 1.8;

    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        if (RealData.Folder is null)
        {
            Console.WriteLine(RealData.Absent);
            Console.WriteLine("quantize: skipped");
            return true;
        }

        using var folder = new TempFolder();
        var (calibrationSeconds, calibrationMb) = await CalibrationChild.MeasureAsync(cancel);
        Console.WriteLine(Text($"calibration of 200 photos, two passes, in a process of its own: {calibrationSeconds:0.0} s of CPU, {calibrationMb:0} MB at most (10 s, 200 MB)"));

        Console.WriteLine("every form, on 190 validation photos");
        FormTable.Heading();
        FormTable.Print("coffee", PhotoLab.Coffee(), cancel);
        FormTable.Print("backbone", PhotoLab.Backbone(), cancel);

        var (coffee, cpuSeconds, wallSeconds) = Timed(() => Quantized(PhotoLab.CoffeeRequest(PhotoLab.CoffeeFile, folder["int8.onnx"]) with { Beside = [PhotoLab.OtherInt8] }, cancel));
        Console.WriteLine(Text($"coffee, the whole run: {cpuSeconds:0.0} s of CPU, {wallSeconds:0.0} s on the clock (30 s)"));
        Tell("coffee", coffee);

        var hardFile = folder["hard.onnx"];
        OnnxFile.Write(HardModel.Of(OnnxFile.Read(PhotoLab.CoffeeFile)), hardFile);
        var hard = Quantized(PhotoLab.CoffeeRequest(hardFile, folder["hard_int8.onnx"]), cancel);
        Tell("coffee made hard", hard);

        var large = LargeNet.Measure(cancel);
        Console.WriteLine(Text($"a network of {LargeNet.MegaFlops:0} MFLOP: float {large.FloatMs:0.0} ms, int8 {large.Int8Ms:0.0} ms, {large.Ratio:0.00} times as fast ({large.RatioMin:0.00} to {large.RatioMax:0.00}), VNNI {(LargeNet.HasVnni ? "yes" : "no")}"));

        string[] lacking = [.. Short(coffee, hard, large, calibrationSeconds, calibrationMb, cpuSeconds)];
        foreach (var line in lacking) Console.WriteLine($"  short: {line}");
        var (mine, theirs) = Scores(coffee);
        Console.WriteLine(Text($"quantize: {theirs.Right - mine.Right} of {mine.Samples} lost, agreement {mine.Agreement:0.000}, change {mine.ProbabilityChange:0.000}, size {Size(coffee):0.000}, fused {coffee.Fusion!.Fused} of {coffee.Fusion.Asked}, large {large.Ratio:0.00} times {(lacking.Length == 0 ? "ok" : "short")}"));
        return lacking.Length == 0;
    }

    private static QuantizeReport Quantized(QuantizeRequest request, CancellationToken cancel) => ModelQuantizer.Quantize(request with { AllowUnproven = true }, cancel: cancel).Report;

    private static IEnumerable<string> Short(QuantizeReport coffee, QuantizeReport hard, SpeedReport large, double calibrationSeconds, double calibrationMb, double seconds)
    {
        var (mine, theirs) = Scores(coffee);
        if (theirs.Right - mine.Right > LostMax) yield return $"{theirs.Right - mine.Right} photos lost, {LostMax} may be";
        if (mine.Agreement < AgreementMin) yield return Text($"agreement {mine.Agreement:0.000}, {AgreementMin} asked");
        if (mine.ProbabilityChange > ChangeMax) yield return Text($"change of the probability {mine.ProbabilityChange:0.000}, {ChangeMax} allowed");
        if (Size(coffee) > SizeMax) yield return Text($"size {Size(coffee):0.000}, {SizeMax} allowed");
        if (coffee.Fusion is not { Asked: 28, Fused: 28 }) yield return $"{coffee.Fusion?.Fused} of 28 layers fused";
        if (calibrationSeconds > CalibrationSecondsMax || calibrationMb > CalibrationMbMax) yield return Text($"calibration {calibrationSeconds:0.0} s, {calibrationMb:0} MB");
        if (seconds > RunSecondsMax) yield return Text($"the run takes {seconds:0.0} s of CPU");
        var lost = mine.Accuracy!.Value - Scores(hard).Mine.Accuracy!.Value;
        if (lost > HardPointsMax) yield return Text($"made hard, {100 * lost:0.0} points are lost");
        if (!hard.KeptFloat.Any(t => t.Name == HardModel.Tensor)) yield return $"made hard, '{HardModel.Tensor}' is not named";
        if (LargeNet.HasVnni && large.Ratio < LargeSpeedMin) yield return Text($"the large network is {large.Ratio:0.00} times as fast, {LargeSpeedMin} asked");
    }

    private static void Tell(string name, QuantizeReport report)
    {
        var all = report.Tried.Where(t => t.FloatTensors == 0).MinBy(t => t.Score.Divergence)!;
        Console.WriteLine(Text($"{name}: {report.Chosen.Calibrator}, {(report.Chosen.IsFedBack ? "error feedback" : "nearest")}, biases {report.Chosen.Biases}, {report.Chosen.FloatTensors} tensors in float; {report.Fault ?? "passes"} on validation; size {Size(report):0.000}; fused {report.Fusion!.Fused} of {report.Fusion.Asked}"));
        foreach (var score in report.Test)
            Console.WriteLine(Text($"  test, {score.File,-26} {score.Score.Right} of {score.Score.Samples} right, agreement {score.Score.Agreement:0.000}, change {score.Score.ProbabilityChange:0.000}, {score.Size / 1024} kB"));
        foreach (var kept in report.KeptFloat)
            Console.WriteLine(Text($"  in float: {kept.Name} ({kept.MadeBy}), {kept.Min:0.##} to {kept.Max:0.##}; all in int8, {100 * all.Score.Agreement:0.0} % of answers agree"));
        Console.WriteLine(Text($"  one thread: float {report.Speed!.FloatMs:0.00} ms, int8 {report.Speed.Int8Ms:0.00} ms, {report.Speed.Ratio:0.00} times as fast ({report.Speed.RatioMin:0.00} to {report.Speed.RatioMax:0.00})"));
    }

    private static (AnswerScore Mine, AnswerScore Theirs) Scores(QuantizeReport report) => (report.Test[1].Score, report.Test[0].Score);

    private static double Size(QuantizeReport report) => (double)report.Size / report.FloatSize;

    private static (QuantizeReport Report, double CpuSeconds, double WallSeconds) Timed(Func<QuantizeReport> run)
    {
        var (cpu, wall) = (Process.GetCurrentProcess().TotalProcessorTime, Stopwatch.GetTimestamp());
        var report = run();
        return (report, (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds, Stopwatch.GetElapsedTime(wall).TotalSeconds);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
