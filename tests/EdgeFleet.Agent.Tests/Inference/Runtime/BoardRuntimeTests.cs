using System.Text.Json.Nodes;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Tests.Updates;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;
using EdgeFleet.Testing.Runtimes;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Inference.Runtime;

public sealed class BoardRuntimeTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HealthBoard _health = new(new FakeTimeProvider());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_board_that_asks_for_nothing_starts_no_process()
    {
        var runtime = await BoardRuntime.BeginAsync(new InferenceOptions(), new RuntimeProbe(new("/nowhere/at/all", [])), _health);

        Assert.Equal(["cpu"], runtime.Providers);
        Assert.Empty(_health.Warnings);
    }

    [Fact]
    public async Task Providers_that_the_library_lacks_are_passed_over_and_said()
    {
        var runtime = await BeginAsync(new InferenceOptions { Providers = ["tensorrt", "cuda"] });

        Assert.Equal("cpu", Assert.Single(runtime.Providers));
        Assert.Empty(runtime.Library);
        var warning = Assert.Single(_health.Warnings);
        Assert.Equal("provider-not-there", warning.Code);
        Assert.StartsWith("Models run on cpu: tensorrt cannot be used: ", warning.Text, StringComparison.Ordinal);
        Assert.Contains("cuda cannot be used: ", warning.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TOO_OLD", "too old")]
    [InlineData("NO_EXPORT", "no OrtGetApiBase")]
    [InlineData("CRASHES", "crashed (signal 11)")]
    public async Task A_library_that_cannot_be_used_is_said_and_the_one_that_ships_serves(string fault, string words)
    {
        var library = FakeRuntime.Build(_folder["libonnxruntime.so"], fault);

        var runtime = await BeginAsync(new InferenceOptions { NativeLibrary = library, Providers = ["tensorrt", "cpu"] });

        Assert.Equal("cpu", Assert.Single(runtime.Providers));
        Assert.Empty(runtime.Library);
        Assert.Equal(["provider-not-there", "runtime-library-not-used"], _health.Warnings.Select(w => w.Code).Order(StringComparer.Ordinal));
        Assert.Contains(_health.Warnings, w => w.Text.StartsWith($"{library} is not used: ", StringComparison.Ordinal) && w.Text.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_probe_that_cannot_be_started_leaves_the_board_on_its_CPU()
    {
        var runtime = await BoardRuntime.BeginAsync(new InferenceOptions { Providers = ["cuda"] }, new RuntimeProbe(new("/nowhere/at/all", [])), _health);

        Assert.Equal(["cpu"], runtime.Providers);
        Assert.Contains("could not be tried", Assert.Single(_health.Warnings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_the_configuration_counts_and_the_CPU_is_always_there()
    {
        var report = new RuntimeReport { Providers = [new("cpu", null), new("cuda", null), new("tensorrt", "no")] };

        Assert.Equal(["cuda", "cpu"], BoardRuntime.Working(report, ["tensorrt", "cuda", "cpu"]));
        Assert.Equal(["cpu", "cuda"], BoardRuntime.Working(report, ["cpu", "cuda"]));
        Assert.Equal(["cpu"], BoardRuntime.Working(report, []));
    }

    [Fact]
    public async Task A_running_agent_tells_a_person_at_the_board_why_it_fell_back()
    {
        var library = FakeRuntime.Build(_folder["libonnxruntime.so"], "TOO_OLD");
        await using var agent = Agent(library);

        var text = await StatusAsync(agent);

        Assert.Contains($"{library} is not used: it is ONNX Runtime 1.16.3, which is too old", text, StringComparison.Ordinal);
        Assert.Contains("Models run on cpu: tensorrt cannot be used", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_agent_uses_the_library_that_its_configuration_names()
    {
        var library = FakeRuntime.Build(_folder["libonnxruntime.so"]);
        await using var agent = Agent(library);

        var text = await StatusAsync(agent);

        Assert.DoesNotContain("is not used", text, StringComparison.Ordinal);
        Assert.DoesNotContain("cannot be used", text, StringComparison.Ordinal);
        var (code, output, _) = await agent.CommandAsync(TestContext.Current.CancellationToken, "runtime");
        Assert.Equal(0, code);
        Assert.Contains($"{library}: ONNX Runtime 1.31.1-board", output, StringComparison.Ordinal);
        Assert.Matches("tensorrt +works", output);
    }

    private Task<BoardRuntime> BeginAsync(InferenceOptions options) => BoardRuntime.BeginAsync(options, new RuntimeProbe(RehearsalTests.BuiltAgent), _health);

    private AgentProcess Agent(string library) => new(_folder["board"], new JsonObject
    {
        ["Slots"] = new JsonObject { ["leaf"] = new JsonObject { ["Source"] = new JsonObject { ["Kind"] = "images", ["Folder"] = _folder.Path } } },
        ["Inference"] = new JsonObject { ["NativeLibrary"] = library, ["Providers"] = new JsonArray("tensorrt", "cpu") },
    });

    private static async Task<string> StatusAsync(AgentProcess agent)
    {
        agent.Start();
        return await Eventually.GetAsync(
            async () => await agent.CommandAsync(TestContext.Current.CancellationToken, "status") is (0 or 1, { } text, _) && text.Contains("slot ", StringComparison.Ordinal) ? text : null,
            "the agent to answer", TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);
    }
}
