using System.Globalization;
using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Board;

/// <summary><c>edgefleet-agent logs [-f] [-n LINES] [--json] [--config FILE]</c>: the last lines of the log, over the borders of its files, and with <c>-f</c> those to come.</summary>
internal static class LogsCommand
{
    private const int LinesDefault = 50;
    private const int LinesMax = 1_000_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs the command.</summary>
    /// <returns>0 printed, 1 there is no log, 2 wrong call.</returns>
    /// <exception cref="ConfigException">The configuration cannot be read.</exception>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        var parsed = CommandArgs.Parse(args, ["-f", "--follow", "--json"], ["-n", "--lines"]);
        var wanted = parsed.Value("-n") ?? parsed.Value("--lines") ?? LinesDefault.ToString(CultureInfo.InvariantCulture);
        if (parsed.Fault is not null || !int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var lines) || lines > LinesMax)
        {
            await errors.WriteLineAsync($"edgefleet-agent logs: {parsed.Fault ?? $"'{wanted}' is no number of lines"}.\nUsage: edgefleet-agent logs [-f] [-n LINES] [--json] [--config FILE]");
            return Usage.ExitCode;
        }

        var folder = Path.Combine(StateFolder.Of(parsed.ConfigPath), "logs");
        var print = parsed.Has("--json") ? output.WriteLineAsync : (Func<string, Task>)(line => output.WriteLineAsync(LogLine.Render(line)));
        try
        {
            var files = Files(folder);
            if (files.Count == 0 && !parsed.Has("-f") && !parsed.Has("--follow"))
            {
                await errors.WriteLineAsync($"edgefleet-agent logs: {folder} holds no log.\nHas the agent ever run with this configuration? systemctl status edgefleet-agent");
                return 1;
            }

            foreach (var line in Last(files, lines))
                await print(line);
            if (parsed.Has("-f") || parsed.Has("--follow"))
                await FollowAsync(folder, files.LastOrDefault(), print, output, cancel);
            return 0;
        }
        catch (UnauthorizedAccessException e)
        {
            await errors.WriteLineAsync($"edgefleet-agent logs: {e.Message}\nRun this with sudo, or as a member of the group edgefleet.");
            return 1;
        }
    }

    // The names carry day and number: their order is the order of time.
    private static List<string> Files(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, "agent-*.clef").Order(StringComparer.Ordinal)] : [];

    private static IReadOnlyCollection<string> Last(List<string> files, int lines)
    {
        var last = new LinkedList<string>();
        foreach (var file in files.AsEnumerable().Reverse())
        {
            var missing = lines - last.Count;
            if (missing <= 0)
                break;
            foreach (var line in Lines(file).TakeLast(missing).Reverse())
                last.AddFirst(line);
        }

        return last;
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(OpenShared(file));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static FileStream OpenShared(string file) => new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static async Task FollowAsync(string folder, string? current, Func<string, Task> print, TextWriter output, CancellationToken cancel)
    {
        var position = current is null ? 0 : new FileInfo(current).Length;
        using var timer = new PeriodicTimer(Pause);
        try
        {
            do
            {
                foreach (var file in Files(folder).Where(f => current is null || string.CompareOrdinal(f, current) >= 0))
                {
                    position = await PrintFromAsync(file, file == current ? position : 0, print);
                    current = file;
                }

                await output.FlushAsync(cancel);
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // It was told to end.
        }
    }

    // A line that is still being written waits for its end.
    private static async Task<long> PrintFromAsync(string file, long position, Func<string, Task> print)
    {
        await using var stream = OpenShared(file);
        stream.Position = position;
        var bytes = new byte[stream.Length - position];
        var read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false);
        var whole = bytes.AsSpan(0, read).LastIndexOf((byte)'\n') + 1;
        foreach (var line in System.Text.Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            await print(line);
        return position + whole;
    }
}
