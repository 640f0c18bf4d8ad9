using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>A board: a Debian in a folder with its own systemd as process 1, in the network of this process.</summary>
internal sealed class Board : IAsyncDisposable
{
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(3);
    private readonly LocalProcess _outer;
    private readonly string _init;
    private readonly CancellationToken _cancel;

    private Board(string architecture, string root, LocalProcess outer, string init, CancellationToken cancel) =>
        (Architecture, Root, _outer, _init, _cancel) = (architecture, root, outer, init, cancel);

    /// <summary><c>amd64</c> or <c>arm64</c>.</summary>
    public string Architecture { get; }

    /// <summary>Its root folder.</summary>
    public string Root { get; }

    /// <summary>True when another processor is imitated, which takes ten times as long.</summary>
    public bool IsEmulated => Architecture != Debs.Own;

    /// <summary>How long a step of the board may take.</summary>
    public TimeSpan Patience => TimeSpan.FromSeconds(IsEmulated ? 300 : 90);

    /// <summary>Unpacks a board and boots it.</summary>
    public static async Task<Board> BootAsync(string architecture, string archive, string folder, CancellationToken cancel)
    {
        var root = Path.Combine(folder, architecture);
        Directory.CreateDirectory(root);
        await Commands.RunAsync(["tar", "-C", root, "--numeric-owner", "-xf", archive], cancel);
        var group = Path.Combine(OwnMachine.Group!, $"board-{architecture}");
        Directory.CreateDirectory(group);
        var boot = Path.Combine(RealData.CheckoutRoot, "provisioning", "deb", "boot-tree");
        var outer = LocalProcess.Start(
            ["sh", "-c", "echo $$ >\"$1/cgroup.procs\"; exec unshare --mount --pid --fork --kill-child --uts --ipc --cgroup sh \"$2\" \"$3\" \"$4\"", "-", group, boot, architecture, root],
            Path.Combine(folder, $"{architecture}.boot.log"));
        try
        {
            var init = await Eventually.GetAsync(async () => outer.HasExited ? "" : await ChildAsync(outer.Id, cancel), $"the systemd of {architecture}", BootPatience, cancel);
            var board = new Board(architecture, root, outer, init, cancel);
            await Eventually.GetAsync(
                async () => outer.HasExited || (await board.TryAsync("systemctl", "is-system-running")).Output.Trim() is "running" or "degraded" ? "" : null, $"the board {architecture} to boot", BootPatience, cancel);
            return outer.HasExited ? throw new ShortException($"The board {architecture} did not boot: {File.ReadAllText(Path.Combine(folder, $"{architecture}.boot.log"))}") : board;
        }
        catch
        {
            await outer.DisposeAsync();
            throw;
        }
    }

    /// <summary>A path of the board as this process sees it.</summary>
    public string this[string path] => Path.Combine(Root, path.TrimStart('/'));

    /// <summary>Runs a command as root of the board.</summary>
    /// <returns>Exit code, standard output, and both outputs together.</returns>
    public Task<(int Code, string Output, string All)> TryAsync(params string[] command) => LocalProcess.RunAsync(
        ["nsenter", "-t", _init, "-m", "-p", "-u", "-i", "-C", "-r", "-w", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", .. command], Patience, _cancel);

    /// <summary>Runs a command that must succeed; its standard output.</summary>
    public async Task<string> RunAsync(params string[] command)
    {
        var (code, output, all) = await TryAsync(command);
        return code == 0 ? output.TrimEnd() : throw new ShortException($"On the board, {string.Join(' ', command)} ended with {code}: {all}");
    }

    /// <summary>A property of the agent's unit.</summary>
    public Task<string> UnitAsync(string property) => RunAsync("systemctl", "show", "-p", property, "--value", Names.Unit);

    /// <summary>What the agent logged last.</summary>
    public async Task<string> JournalAsync(int lines = 20) => (await TryAsync("journalctl", "-u", Names.Unit, "--no-pager", "-n", $"{lines}", "-o", "cat")).Output;

    /// <summary>Settings of the unit over the shipped ones.</summary>
    public async Task DropInAsync(string name, params string[] lines)
    {
        var folder = this[$"etc/systemd/system/{Names.Unit}.service.d"];
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, $"{name}.conf"), ["[Service]", .. lines]);
        await RunAsync("systemctl", "daemon-reload");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _outer.DisposeAsync();

    private static async Task<string?> ChildAsync(int parent, CancellationToken cancel) =>
        (await LocalProcess.RunAsync(["pgrep", "-P", $"{parent}", "^systemd$"], TimeSpan.FromSeconds(10), cancel)).Output.Trim() is { Length: > 0 } pid ? pid : null;
}
