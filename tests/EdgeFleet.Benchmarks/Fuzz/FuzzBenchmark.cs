using System.Globalization;
using EdgeFleet.Fuzzing;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Fuzz;

/// <summary>
/// Every reader of bytes from outside under mutated inputs, for some minutes each, in a process of its own: what native code breaks ends that process and no more,
/// and the input stands in a file. What is found is made small and kept in the corpus, which the tests replay.
/// </summary>
internal static class FuzzBenchmark
{
    /// <summary>The word that makes this program fuzz one target.</summary>
    public const string Word = "fuzz-one";

    private const int SecondsDefault = 300;
    private const string Done = "done ";
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    /// <summary>Runs all targets, or the named ones.</summary>
    /// <param name="args">Seconds for each (300), a seed, and names of targets; all may be left out.</param>
    /// <param name="cancel">Stops.</param>
    public static async Task<bool> RunAsync(IReadOnlyList<string> args, CancellationToken cancel)
    {
        var numbers = args.Where(a => a.All(char.IsAsciiDigit)).Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToList();
        var (seconds, seed) = (numbers.Count > 0 ? numbers[0] : SecondsDefault, numbers.Count > 1 ? numbers[1] : (int)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() & int.MaxValue));
        var names = args.Where(a => FuzzTargets.All.Any(t => t.Name == a)).ToList();
        using var folder = new TempFolder();
        Console.WriteLine($"  {seconds} s each, seed {seed}");
        var broken = new List<string>();
        foreach (var target in FuzzTargets.All.Where(t => names.Count == 0 || names.Contains(t.Name)))
        {
            if (!await OneAsync(target.Name, seconds, seed, folder, cancel))
                broken.Add(target.Name);
        }

        Console.WriteLine($"fuzz: {FuzzTargets.All.Count} readers, {seconds} s each, seed {seed}: {(broken.Count == 0 ? "nothing broke ok" : $"broken: {string.Join(", ", broken)} short")}");
        return broken.Count == 0;
    }

    /// <summary>The inner process.</summary>
    public static Task<bool> RunOneAsync(IReadOnlyList<string> args)
    {
        var (target, seconds, seed, file) = (FuzzTargets.Of(args[0]), int.Parse(args[1], CultureInfo.InvariantCulture), int.Parse(args[2], CultureInfo.InvariantCulture), args[3]);
        using var current = new FileStream(file, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var start = TimeProvider.System.GetTimestamp();
        var result = new Fuzzer(target, seed, Corpus.Files(target.Name).Select(File.ReadAllBytes)).Run(_ => TimeProvider.System.GetElapsedTime(start).TotalSeconds < seconds, input => Keep(current, input));
        foreach (var found in result.Findings)
            Console.WriteLine($"  {target.Name}: BROKEN at execution {found.Execution}, seed {seed}: {found.Fault}\n    kept as {Path.GetRelativePath(RealData.CheckoutRoot, Corpus.Save(target.Name, found.Input))}, {found.Input.Length} bytes");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Done}{target.Name,-12} {result.Executions,10} executions, {result.Kept,5} outcomes kept, at most {result.AllocatedMax / 1024.0,9:0.0} kB allocated and {result.CpuMax.TotalMilliseconds,7:0.0} ms of the processor in one, {result.Findings.Count} findings"));
        return Task.FromResult(result.Findings.Count == 0);
    }

    private static async Task<bool> OneAsync(string target, int seconds, int seed, TempFolder folder, CancellationToken cancel)
    {
        var input = folder[$"{target}.input"];
        await using var process = LocalProcess.Start(
            [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], Word, target, $"{seconds}", $"{seed}", input, OwnNetwork.Marker], folder[$"{target}.log"]);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds) + Grace);
        int? code = null;
        try
        {
            code = await process.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // It hangs in one input.
        }

        await process.DisposeAsync();
        Console.Write(process.Output.Replace(Done, "  ", StringComparison.Ordinal));
        if (process.Output.Contains(Done, StringComparison.Ordinal))
            return code == 0;

        var last = Last(input);
        Console.WriteLine($"  {target}: BROKEN, seed {seed}: the process {(code is null ? "hung in" : $"ended with {code} at")} one input\n    kept as {Path.GetRelativePath(RealData.CheckoutRoot, Corpus.Save(target, last))}, {last.Length} bytes");
        Console.WriteLine(string.Join('\n', File.ReadLines(folder[$"{target}.log"]).TakeLast(20)));
        return false;
    }

    private static void Keep(FileStream file, byte[] input)
    {
        file.Position = 0;
        file.Write(BitConverter.GetBytes(input.Length));
        file.Write(input);
    }

    private static byte[] Last(string file)
    {
        var all = File.ReadAllBytes(file);
        return all.Length < 4 ? [] : all[4..Math.Min(all.Length, 4 + BitConverter.ToInt32(all))];
    }
}
