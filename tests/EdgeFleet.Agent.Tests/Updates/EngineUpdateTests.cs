using System.Text.Json.Nodes;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Testing.Runtimes;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>Updates of a board with TensorRT, for which a library stands in that runs its models on the CPU and keeps "engines".</summary>
public sealed class EngineUpdateTests : IAsyncLifetime
{
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0") with
    {
        Variants = new Dictionary<string, byte[]> { ["tensorrt-fp16"] = (TinyModel.OfColours() with { Gain = 19 }).Build(), ["cpu-fp32"] = TinyModel.OfColours().Build() },
    });

    private readonly TempFolder _folder = new();
    private readonly SimulatedBoard _board = new() { Providers = ["tensorrt", "cpu"] };
    private EngineCache? _engines;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] Log => File.Exists(_folder["log"]) ? File.ReadAllLines(_folder["log"]) : [];

    public ValueTask InitializeAsync()
    {
        _board.Server.Serve(V2);
        _board.Install(V1);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _board.DisposeAsync();
        _engines?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_engine_is_built_while_the_old_model_serves_and_is_there_at_activation()
    {
        Equip();
        var servedMeanwhile = new List<PackageRef?>();
        _board.Health.Changed += () =>
        {
            if (_board.Health.Warnings.Any(w => w.Code == EngineCache.Building))
                servedMeanwhile.Add(_board.Host.Active?.Package);
        };
        await _board.StartAsync();

        _board.Worker.Offer(new Wish(V2.Ref, 1, 1));
        await _board.UntilAsync(s => s is Committed { } c && c.Target.Package == V2.Ref);

        Assert.Equal([V1.Ref], servedMeanwhile);
        Assert.Equal(["built"], Log.Select(l => l.Split(' ')[0]));
        Assert.NotNull(await _engines!.FindAsync(V2.Manifest.Variants[0], Cancel));
    }

    [Fact]
    public async Task An_engine_that_cannot_be_built_ends_the_update_and_the_old_model_goes_on()
    {
        Equip("BUILD_FAILS");
        await _board.StartAsync();

        _board.Worker.Offer(new Wish(V2.Ref, 1, 1));
        var rejected = await _board.UntilAsync<Rejected>();

        Assert.StartsWith("The engine of tensorrt-fp16 was not built: ", rejected.Reason, StringComparison.Ordinal);
        Assert.Contains("no tactic fits", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(FailureKind.Deterministic, rejected.Failure);
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
    }

    [Fact]
    public async Task The_agent_loads_a_model_by_its_engine_and_the_next_start_builds_none()
    {
        await using var agent = Agent(FakeRuntime.BuildWithEngines(_folder["libonnxruntime.so"], _folder["log"]));

        Assert.Matches(@"serves colours@2\.0\.0.*\(tensorrt-fp16\)", await StatusAsync(agent));
        Assert.Equal(["built", "found"], Log.Select(l => l.Split(' ')[0]));
        await agent.StopAsync();
        Assert.Matches(@"serves colours@2\.0\.0.*\(tensorrt-fp16\)", await StatusAsync(agent));
        Assert.Equal(["built", "found", "found"], Log.Select(l => l.Split(' ')[0]));
    }

    [Fact]
    public async Task An_agent_whose_engine_cannot_be_built_serves_on_the_CPU_and_says_why()
    {
        await using var agent = Agent(FakeRuntime.BuildWithEngines(_folder["libonnxruntime.so"], _folder["log"], "BUILD_CRASHES"));

        var status = await StatusAsync(agent);

        Assert.Matches(@"serves colours@2\.0\.0.*\(cpu-fp32\)", status);
        Assert.Contains("colours@2.0.0 runs as cpu-fp32 on cpu, because tensorrt-fp16 does not serve on tensorrt: its engine was not built: The process that built it crashed", status, StringComparison.Ordinal);
    }

    private void Equip(params string[] faults)
    {
        var use = new RuntimeUse { Library = FakeRuntime.BuildWithEngines(_folder["libonnxruntime.so"], _folder["log"], faults) };
        var store = new CompiledStore(_folder["compiled"], _board.Store.Has, 1 << 20);
        _board.Engines = _engines = new EngineCache(store, new EngineBuilder(RehearsalTests.BuiltAgent, use, 120), _board.Health) { Runtime = use };
    }

    private AgentProcess Agent(string library)
    {
        var agent = new AgentProcess(_folder["board"], new JsonObject
        {
            ["Slots"] = new JsonObject { [Some.Slot.Value] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = _folder.Path } } },
            ["Inference"] = new JsonObject { ["NativeLibrary"] = library, ["Providers"] = new JsonArray("tensorrt", "cpu") },
        });
        V2.AddTo(new ContentStore(Path.Combine(agent.StateFolder, "packages")));
        new UpdateStore(agent.StateFolder, new HealthBoard(TimeProvider.System), TimeProvider.System).Save(new SlotRecord
        {
            Slot = Some.Slot,
            State = new Committed(new Wish(V2.Ref, 1, 1), null),
            Serving = new Serving(V2.Ref, null),
        });
        return agent;
    }

    private static async Task<string> StatusAsync(AgentProcess agent)
    {
        agent.Start();
        return await Eventually.GetAsync(
            async () => await agent.CommandAsync(Cancel, "status") is (0 or 1, { } text, _) && text.Contains("serves colours", StringComparison.Ordinal) ? text : null,
            "the model to serve", TimeSpan.FromSeconds(120), Cancel);
    }
}
