using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Demo;

/// <summary>A control plane and three boards as processes of their own, each with its own folder below one that is made anew.</summary>
internal sealed class DemoFleet : IAsyncDisposable
{
    /// <summary>Everything the demo makes.</summary>
    public static string DefaultFolder => Path.Combine(RealData.CheckoutRoot, "artifacts", "demo");

    private const string Admin = "ana";
    private readonly List<AgentProcess> _boards = [];

    public DemoFleet(CancellationToken cancel)
    {
        Folder = DefaultFolder;
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
        // Times are those of a demo: a "minute" row every 2 seconds, a probation of 8 seconds. Nothing else differs from a fleet.
        ControlPlane = new ControlPlaneProcess(Path.Combine(Folder, "controlplane"), new JsonObject { ["Rollouts"] = new JsonObject { ["TickSeconds"] = 1 } });
        Cli = new Cli(Path.Combine(Folder, "home"), cancel);
    }

    public string Folder { get; }

    public ControlPlaneProcess ControlPlane { get; }

    public Cli Cli { get; }

    public IReadOnlyList<AgentProcess> Boards => _boards;

    /// <summary>The API, signed in.</summary>
    public FleetClient Api { get; private set; } = null!;

    /// <summary>Starts the control plane, makes an account and signs the command line in.</summary>
    public async Task StartControlPlaneAsync(CancellationToken cancel)
    {
        await ControlPlane.StartAsync(cancel);
        await ControlPlane.AddUserAsync(Admin, "admin", cancel);
        Api = await ControlPlane.ClientAsync(Admin, cancel);
        await Cli.RunWithInputAsync(ControlPlaneProcess.Password + "\n",
            ["login", ControlPlane.Url.AbsoluteUri, "--user", Admin, "--password-stdin", "--ca", ControlPlane.CaFile]);
    }

    /// <summary>Makes a board with one slot, enrols it with a ticket of its own and starts it.</summary>
    public async Task AddBoardAsync(string name, string site, string[] tags, string slot, JsonObject source, CancellationToken cancel)
    {
        var ticket = (await Cli.RunAsync(["token", "create", "--site", site, .. tags.SelectMany(t => new[] { "--tag", t }), "-o", "name"])).Trim();
        var board = new AgentProcess(Path.Combine(Folder, name), new JsonObject
        {
            ["Agent"] = new JsonObject { ["Hardware"] = "demo-board" },
            ["Slots"] = new JsonObject { [slot] = new JsonObject { ["Source"] = source } },
            ["Monitoring"] = new JsonObject { ["WindowSeconds"] = 2, ["ProfileSeconds"] = 20 },
            ["Updates"] = new JsonObject { ["ProbationSeconds"] = 8, ["ProbationSamplesMin"] = 20 },
            ["Connectivity"] = new JsonObject { ["BatchSeconds"] = 4, ["ReconnectCapSeconds"] = 2 },
        });
        _boards.Add(board);
        await board.EnrolAsync(ticket, name, cancel);
        board.Start();
    }

    /// <summary>Says where to look, and waits for the end.</summary>
    public async Task StayUpAsync(CancellationToken cancel)
    {
        Console.WriteLine();
        Console.WriteLine($"   Pages:    {ControlPlane.Url}   (its certificate is by its own CA: {ControlPlane.CaFile})");
        Console.WriteLine($"   Sign in:  {Admin} / {ControlPlaneProcess.Password}");
        Console.WriteLine($"   Terminal: XDG_CONFIG_HOME={Path.Combine(Folder, "home")} {string.Join(' ', BuiltPrograms.Cli)} device list");
        Console.WriteLine("   Ctrl+C ends everything.");
        Console.WriteLine();
        try
        {
            await Task.Delay(Timeout.Infinite, cancel);
        }
        catch (OperationCanceledException)
        {
            // The person is done.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Api?.Dispose();
        foreach (var board in _boards)
            await board.DisposeAsync();
        await ControlPlane.DisposeAsync();
    }
}
