using System.Globalization;
using EdgeFleet.Benchmarks.Install;
using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Delta;

/// <summary>What one run of a tool took.</summary>
/// <param name="Bytes">Bytes of the delta.</param>
/// <param name="MakeSeconds">Processor time of making it.</param>
/// <param name="ApplySeconds">Processor time of applying it.</param>
/// <param name="MakeMb">Most resident memory of making it.</param>
/// <param name="ApplyMb">Most resident memory of applying it.</param>
internal sealed record DeltaCost(long Bytes, double MakeSeconds, double ApplySeconds, double MakeMb, double ApplyMb);

/// <summary>A program that makes and applies deltas, each in a process of its own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Make">Its command for a file before, one after and a delta.</param>
/// <param name="Apply">Its command for a file before, a delta and the file that it makes.</param>
internal sealed record DeltaTool(string Name, Func<string, string, string, IReadOnlyList<string>> Make, Func<string, string, string, IReadOnlyList<string>> Apply)
{
    /// <summary>The words that this program is called by.</summary>
    public const string MakeWord = "delta-make", ApplyWord = "delta-apply";

    /// <summary>Ours first.</summary>
    public static IReadOnlyList<DeltaTool> All { get; } =
    [
        new("ours", (a, b, d) => [.. Own(MakeWord), a, b, d], (a, d, b) => [.. Own(ApplyWord), a, d, b]),
        new("zstd", (a, b, d) => ["zstd", "-q", "-f", "--ultra", "-22", "--long=27", $"--patch-from={a}", b, "-o", d], (a, d, b) => ["zstd", "-q", "-f", "-d", "--long=27", $"--patch-from={a}", d, "-o", b]),
        new("xdelta3", (a, b, d) => ["xdelta3", "-q", "-f", "-e", "-9", "-S", "lzma", "-s", a, b, d], (a, d, b) => ["xdelta3", "-q", "-f", "-d", "-s", a, d, b]),
        new("bsdiff", (a, b, d) => ["bsdiff", a, b, d], (a, d, b) => ["bspatch", a, b, d]),
    ];

    /// <summary>Makes and applies once; what comes out must be the file after.</summary>
    /// <exception cref="ShortException">It is not.</exception>
    public async Task<DeltaCost> RunAsync(DeltaCase step, TempFolder folder, CancellationToken cancel)
    {
        var (before, after, delta, made) = (folder["before"], folder["after"], folder["delta"], folder["made"]);
        await File.WriteAllBytesAsync(before, step.Before, cancel);
        await File.WriteAllBytesAsync(after, step.After, cancel);
        File.Delete(delta);
        File.Delete(made);
        var (makeSeconds, makeMb) = await TimedAsync(Make(before, after, delta), folder, cancel);
        var (applySeconds, applyMb) = await TimedAsync(Apply(before, delta, made), folder, cancel);
        return (await File.ReadAllBytesAsync(made, cancel)).AsSpan().SequenceEqual(step.After)
            ? new DeltaCost(new FileInfo(delta).Length, makeSeconds, applySeconds, makeMb, applyMb)
            : throw new ShortException($"{Name} did not give back the file of '{step.Name}'.");
    }

    /// <summary>What this program does as the tool "ours", making.</summary>
    public static async Task<bool> MakeAsync(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        var delta = DeltaMaker.Make(await File.ReadAllBytesAsync(paths[0], cancel), await File.ReadAllBytesAsync(paths[1], cancel));
        await File.WriteAllBytesAsync(paths[2], delta, cancel);
        return true;
    }

    /// <summary>What this program does as the tool "ours", applying.</summary>
    public static async Task<bool> ApplyAsync(IReadOnlyList<string> paths, CancellationToken cancel)
    {
        await using var after = await DeltaStream.OpenAsync(paths[0], paths[1], DeltaHeader.FileBytesMax, cancel);
        await using var file = File.Create(paths[2]);
        await after.CopyToAsync(file, cancel);
        return true;
    }

    // A network of its own is not needed; the marker says that it is there.
    private static IReadOnlyList<string> Own(string word) => [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], word, OwnNetwork.Marker];

    private static async Task<(double Seconds, double Mb)> TimedAsync(IReadOnlyList<string> command, TempFolder folder, CancellationToken cancel)
    {
        var report = folder["time"];
        await Commands.RunAsync(["/usr/bin/time", "-o", report, "-f", "%U %S %M", .. command], cancel);
        var words = (await File.ReadAllTextAsync(report, cancel)).Trim().Split(' ');
        double Number(int i) => double.Parse(words[i], CultureInfo.InvariantCulture);
        return (Number(0) + Number(1), Number(2) / 1024);
    }
}
