using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>The package goes in: apt resolves what it needs, and everything is where it belongs.</summary>
internal static class InstallChapter
{
    private static readonly string[] Pages = ["man8/edgefleet-agent.8", "man5/edgefleet-agent.json.5"];

    public static async Task TellAsync(Board board, Debs debs)
    {
        var deb = debs[board.Architecture, debs.Version];
        Told.Step($"{board.Architecture}: apt-get install ./{Path.GetFileName(deb)} on a board that runs");
        Told.Saw($"{await board.RunAsync("uname", "-m")}, {(await board.RunAsync("sh", "-c", ". /etc/os-release; echo $PRETTY_NAME"))}, process 1 is {await board.RunAsync("cat", "/proc/1/comm")}");
        File.Copy(deb, board[$"root/{Path.GetFileName(deb)}"]);
        var said = await board.RunAsync("apt-get", "install", "-y", "--no-install-recommends", $"/root/{Path.GetFileName(deb)}");
        Told.Saw(said.Split('\n').First(l => l.Contains("newly installed", StringComparison.Ordinal)));
        Told.Saw($"needs {await board.RunAsync("dpkg-query", "-W", "-f", "${Depends}", Names.Package)}: Debian gave {await board.RunAsync("dpkg-query", "-W", "-f", "${Package} ${Version}  ", "libc6", "libgcc-s1", "libstdc++6", "libssl3", "passwd")}");
        Told.Saw(Line(said, "edgefleet-agent: next"));

        Told.Holds(await board.RunAsync("edgefleet-agent", "--version") == debs.Version, $"edgefleet-agent --version says {debs.Version}", "It says another version.");
        var user = await board.RunAsync("getent", "passwd", Names.User);
        Told.Holds(user.EndsWith(":/var/lib/edgefleet:/usr/sbin/nologin", StringComparison.Ordinal), $"sysusers: {user}", $"The user is not as it must be: {user}");
        await RightsAsync(board, Names.State, "edgefleet:edgefleet 750");
        await RightsAsync(board, Names.Config, "root:edgefleet 750");
        await RightsAsync(board, $"{Names.Config}/agent.json", "root:edgefleet 640");
        Told.Holds(await board.RunAsync("systemctl", "is-enabled", Names.Unit) == "enabled" && (await board.TryAsync("systemctl", "is-active", Names.Unit)).Output.Trim() == "inactive",
            "the service is enabled and waits for its configuration", "The service is not enabled, or runs without a configuration.");
        foreach (var page in Pages)
            await board.RunAsync("sh", "-c", $"zcat /usr/share/man/{page}.gz | grep -q '^.SH NAME\\|^.Sh NAME'");
        Told.Saw($"manual pages {string.Join(", ", Pages)}; {await board.RunAsync("sh", "-c", "dpkg -L edgefleet-agent | wc -l")} files, dpkg --verify: {await VerifyAsync(board)}");
        await board.RunAsync("systemd-analyze", "verify", "--man=no", $"/lib/systemd/system/{Names.Unit}.service");
        Told.Saw("the unit verifies; " + (await board.RunAsync("systemd-analyze", "security", "--no-pager", Names.Unit)).Split('\n')[^1].Trim(' ', '→'));
        await ConfigureAsync(board);
    }

    private static string Line(string text, string with) => text.Split('\n').FirstOrDefault(l => l.Contains(with, StringComparison.Ordinal))?.Trim() ?? "";

    private static async Task RightsAsync(Board board, string path, string expected)
    {
        var rights = await board.RunAsync("stat", "-c", "%U:%G %a", path);
        Told.Holds(rights == expected, $"{path}: {rights}", $"{path} is {rights} and not {expected}.");
    }

    private static async Task<string> VerifyAsync(Board board)
    {
        var (code, _, all) = await board.TryAsync("dpkg", "--verify", Names.Package);
        return code == 0 && all.Trim().Length == 0 ? "nothing amiss" : throw new ShortException($"dpkg --verify: {all}");
    }

    /// <summary>A person tells the board what it sees; times are shorter than those of a real board, so that the story ends today.</summary>
    private static async Task ConfigureAsync(Board board)
    {
        var (code, _, all) = await board.TryAsync("edgefleet-agent", "check");
        Told.Holds(code == 78 && all.Contains("Slots", StringComparison.Ordinal), $"edgefleet-agent check of a board without slots ends with 78: {Line(all, "Slots:NAME")}", $"check ended with {code}: {all}");
        Directory.CreateDirectory(board[Names.Camera]);
        for (var i = 0; i < 3; i++)
            File.WriteAllBytes(board[$"{Names.Camera}/{i}.png"], TestImages.Png((byte)(200 + (10 * i)), 20, 30, 32, 32));
        var probation = board.IsEmulated ? 90 : 30;
        File.WriteAllText(board[$"{Names.Config}/config.d/50-board.json"], $$"""
            {
              "Slots": { "leaf": { "Source": { "Kind": "images", "Folder": "{{Names.Camera}}", "Loop": true, "SamplesPerSecond": 4 } } },
              "Power": { "Sensor": "none" },
              "Monitoring": { "WindowSeconds": 5, "ProfileSeconds": 60 },
              "Updates": { "ProbationSeconds": {{probation}}, "BackoffSecondsFirst": 0.5 },
              "Connectivity": { "BatchSeconds": 2, "ReconnectCapSeconds": 2, "ReportSeconds": 5 }
            }
            """);
        if (board.IsEmulated)
        {
            // The emulator shows this machine's processor, at which ONNX Runtime crashes; and its speed is not a board's.
            await board.DropInAsync("emulator", "BindReadOnlyPaths=/etc/cpuinfo:/proc/cpuinfo");
            Told.Saw("emulated: the service is shown an ARM board's /proc/cpuinfo");
        }

        await board.RunAsync("edgefleet-agent", "check");
        Told.Saw("a file in config.d says what the board sees: check is content");
    }
}
