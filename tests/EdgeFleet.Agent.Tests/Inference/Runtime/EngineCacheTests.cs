using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Tests.Updates;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Processes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Runtimes;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Inference.Runtime;

/// <summary>With a library that stands in for a GPU build: what TensorRT itself does with its engines is not proven here.</summary>
public sealed class EngineCacheTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ContentStore _packages;
    private readonly HealthBoard _health = new(new FakeTimeProvider());
    private readonly TestPackage _package = TestPackage.Build(TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["tensorrt-int8"] = TinyModel.OfColours().Build() } });

    public EngineCacheTests()
    {
        _packages = new ContentStore(_folder["packages"]);
        _package.AddTo(_packages);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Variant Variant => _package.Manifest.Variants[0];

    private string[] Log => File.Exists(_folder["log"]) ? File.ReadAllLines(_folder["log"]) : [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_engine_is_built_once_and_rehearsed_with()
    {
        using var engines = Engines();
        var seen = new List<string>();
        _health.Changed += () => seen.AddRange(_health.Warnings.Select(w => w.Code));

        var (first, failure) = await EnsureAsync(engines);
        var (second, _) = await EnsureAsync(engines);

        Assert.Null(failure);
        Assert.Equal(first, second);
        Assert.Equal(["built"], Log.Select(l => l.Split(' ')[0]));
        Assert.Equal([EngineCache.Building], seen);
        Assert.Empty(_health.Warnings);
        var order = new RehearsalOrder(_packages.Root, _package.Ref, Variant, 512, 64, 120, 1) { Engines = new Dictionary<string, string> { [Variant.File.Digest.Value] = first! } };
        var report = await new RehearsalChild(RehearsalTests.BuiltAgent) { Runtime = engines.Runtime }.RunAsync(order, Cancel);
        Assert.True(report.Passed, report.Summary);
        Assert.Equal($"found {first}", Log[^1]);
        Assert.Equal(first, await engines.FindAsync(Variant, Cancel));
    }

    [Fact]
    public async Task A_damaged_engine_never_reaches_TensorRT_and_is_built_anew()
    {
        using var engines = Engines();
        var (folder, _) = await EnsureAsync(engines);
        var file = Directory.GetFiles(folder!, "*.engine").Single();
        await File.WriteAllTextAsync(file, "engine", Cancel);

        Assert.Null(await engines.FindAsync(Variant, Cancel));
        Assert.Equal(folder, (await EnsureAsync(engines)).Folder);

        Assert.Equal(["built", "built"], Log.Select(l => l.Split(' ')[0]));
        Assert.NotEqual("engine", await File.ReadAllTextAsync(file, Cancel));
    }

    [Theory]
    [InlineData("BUILD_FAILS", "no tactic fits", FailureKind.Deterministic)]
    [InlineData("BUILDS_NOTHING", "takes no part of the model", FailureKind.Deterministic)]
    [InlineData("BUILD_CRASHES", "crashed (signal 11)", FailureKind.Deterministic)]
    [InlineData("BUILD_HANGS", "not built within 4 s", FailureKind.Local)]
    public async Task An_engine_that_cannot_be_built_says_why_and_leaves_nothing(string fault, string words, FailureKind kind)
    {
        using var engines = Engines(fault == "BUILD_HANGS" ? 4 : 120, faults: fault);

        var (folder, failure) = await EnsureAsync(engines);

        Assert.Null(folder);
        Assert.Contains(words, failure!.Why, StringComparison.Ordinal);
        Assert.Equal(kind, failure.Failure);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["compiled"]));
        Assert.Empty(_health.Warnings);
    }

    [Theory]
    [InlineData(137, "ran out of memory", FailureKind.Local)]
    [InlineData(3, "exit code 3", FailureKind.Local)]
    [InlineData(134, "signal 6", FailureKind.Deterministic)]
    public void The_end_of_a_builder_is_charged_to_whom_it_belongs(int exitCode, string words, FailureKind kind)
    {
        var failure = EngineBuilder.Judge(new ChildEnd(exitCode, false, "", ""), 60)!;

        Assert.Contains(words, failure.Why, StringComparison.Ordinal);
        Assert.Equal(kind, failure.Failure);
    }

    [Fact]
    public async Task A_disk_that_keeps_nothing_is_a_warning_and_no_failure()
    {
        await File.WriteAllTextAsync(_folder["compiled"], "a file", Cancel);
        using var engines = Engines();

        Assert.Equal((null, null), await EnsureAsync(engines));

        Assert.Equal(EngineCache.NotKept, Assert.Single(_health.Warnings).Code);
    }

    [Fact]
    public async Task A_build_that_is_cancelled_leaves_nothing()
    {
        using var engines = Engines(faults: "BUILD_HANGS");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _health.Changed += stop.Cancel;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => engines.EnsureAsync(_packages.Root, _package.Ref, Variant, stop.Token));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["compiled"]));
    }

    [Fact]
    public void An_engine_depends_on_GPU_driver_system_libraries_options_and_precision()
    {
        var root = _folder["root"];
        Put(root, "etc/nv_tegra_release", "# R36 (release), REVISION: 4.3\nmore");
        Put(root, "proc/device-tree/model", "NVIDIA Jetson Orin Nano\0");
        Put(root, "proc/driver/nvidia/version", "NVRM version: 540.4.0");
        Put(root, "proc/driver/nvidia/gpus/0000:01/information", "Model: Orin");
        var all = GpuFacts.OfBoard(root);
        var engine = Facts(all, "tensorrt-int8");

        Assert.Equal(["# R36 (release), REVISION: 4.3", "NVIDIA Jetson Orin Nano", "NVRM version: 540.4.0", "Model: Orin"], all);
        foreach (var fact in all)
            Assert.NotEqual(engine.Digest(), Facts([.. all.Where(f => f != fact), fact + " newer"], "tensorrt-int8").Digest());
        Assert.NotEqual(engine.Digest(), Facts([.. all, "/usr/lib/libnvinfer.so.10 1 2"], "tensorrt-int8").Digest());
        Assert.NotEqual(engine.Digest(), Facts(all, "tensorrt-fp16").Digest());
        Assert.NotEqual(engine.Digest(), Facts(all, "tensorrt-int8", ("trt_dla_enable", "1")).Digest());
        Assert.Equal(engine.Digest(), Facts([.. all.Reverse()], "tensorrt-int8").Digest());
    }

    private static void Put(string root, string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, path))!);
        File.WriteAllText(Path.Combine(root, path), text);
    }

    private CompiledFacts Facts(IReadOnlyList<string> board, string variant, params (string Key, string Value)[] options)
    {
        var use = new RuntimeUse { ProviderOptions = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["tensorrt"] = options.ToDictionary(o => o.Key, o => o.Value) } };
        using var engines = new EngineCache(Store(), new EngineBuilder(RehearsalTests.BuiltAgent, use, 60), _health) { Runtime = use, Board = board };
        return engines.FactsOf(Variant with { Name = variant });
    }

    private Task<(string? Folder, EngineFailure? Failure)> EnsureAsync(EngineCache engines) => engines.EnsureAsync(_packages.Root, _package.Ref, Variant, Cancel);

    private EngineCache Engines(int seconds = 120, params string[] faults)
    {
        var use = new RuntimeUse { Library = FakeRuntime.BuildWithEngines(_folder["libonnxruntime.so"], _folder["log"], faults) };
        return new EngineCache(Store(), new EngineBuilder(RehearsalTests.BuiltAgent, use, seconds), _health) { Runtime = use };
    }

    private CompiledStore Store() => new(_folder["compiled"], _packages.Has, 1 << 20);
}
