using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Tests.Updates;
using EdgeFleet.Shared.Processes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Runtimes;

namespace EdgeFleet.Agent.Tests.Inference.Runtime;

public sealed class RuntimeProbeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_real_library_named_by_its_path_has_the_CPU_and_no_TensorRT()
    {
        var report = await LookAsync(FakeRuntime.Real, "tensorrt", "xnnpack", "cpu");

        Assert.Null(report.Fault);
        Assert.StartsWith("1.31", report.Version, StringComparison.Ordinal);
        Assert.Equal(["tensorrt", "xnnpack", "cpu"], report.Providers.Select(p => p.Name));
        Assert.Equal([false, false, true], report.Providers.Select(p => p.Fault is null));
        Assert.Contains("not enabled in this build", report.Providers[0].Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_library_that_ships_is_looked_into_when_none_is_named() => Assert.Null((await LookAsync("", "cpu")).Fault);

    [Fact]
    public async Task A_library_of_the_boards_own_serves_its_providers()
    {
        var report = await LookAsync(FakeRuntime.Build(_folder["libonnxruntime.so"]), "tensorrt", "cuda", "cpu");

        Assert.Equal("1.31.1-board", report.Version);
        Assert.All(report.Providers, p => Assert.Null(p.Fault));
    }

    [Fact]
    public async Task A_provider_that_crashes_speaks_against_no_other()
    {
        var report = await LookAsync(FakeRuntime.Build(_folder["libonnxruntime.so"], "TRT_CRASHES"), "tensorrt", "cuda", "cpu");

        Assert.Null(report.Fault);
        Assert.Equal(["tensorrt", "cuda", "cpu"], report.Providers.Select(p => p.Name));
        Assert.Contains("crashed (signal 11)", report.Providers[0].Fault, StringComparison.Ordinal);
        Assert.All(report.Providers.Skip(1), p => Assert.Null(p.Fault));
        Assert.Contains(report.Libraries, l => l.StartsWith(FakeRuntime.Real, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_provider_that_is_named_and_answers_wrongly_is_not_there()
    {
        var report = await LookAsync(FakeRuntime.Build(_folder["libonnxruntime.so"], "WRONG"), "cuda", "cpu");

        Assert.Contains("answers wrongly", report.Providers[0].Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_EXPORT", "it has no OrtGetApiBase")]
    [InlineData("NO_BASE", "gives nothing")]
    [InlineData("TOO_OLD", "it is ONNX Runtime 1.16.3, which is too old")]
    [InlineData("CRASHES", "crashed (signal 11)")]
    public async Task A_library_that_is_none_says_what_is_wrong_and_costs_nobody_but_the_process_that_tried_it(string fault, string words)
    {
        var report = await LookAsync(FakeRuntime.Build(_folder["libonnxruntime.so"], fault), "cpu");

        Assert.Contains(words, report.Fault, StringComparison.Ordinal);
        Assert.Empty(report.Providers);
    }

    [Fact]
    public async Task A_library_that_hangs_is_given_up() =>
        Assert.Contains("did not come back within 3 s", (await LookAsync(FakeRuntime.Build(_folder["libonnxruntime.so"], "HANGS"), 3, "cpu")).Fault, StringComparison.Ordinal);

    [Fact]
    public async Task A_library_whose_own_needs_are_missing_names_them() =>
        Assert.Contains("libcudart_none.so", (await LookAsync(FakeRuntime.BuildNeeding(_folder["libonnxruntime.so"], "libcudart_none.so"), "cpu")).Fault, StringComparison.Ordinal);

    [Fact]
    public async Task What_is_no_library_or_is_not_there_or_may_be_written_by_anybody_is_not_loaded()
    {
        await File.WriteAllTextAsync(_folder["text.so"], "no library", TestContext.Current.CancellationToken);
        File.Copy(FakeRuntime.Real, _folder["open.so"]);
        File.SetUnixFileMode(_folder["open.so"], File.GetUnixFileMode(_folder["open.so"]) | UnixFileMode.OtherWrite);

        Assert.Contains("cannot be loaded", (await LookAsync(_folder["text.so"], "cpu")).Fault, StringComparison.Ordinal);
        Assert.Contains("no such file", (await LookAsync(_folder["none.so"], "cpu")).Fault, StringComparison.Ordinal);
        Assert.Contains("anybody may write it", (await LookAsync(_folder["open.so"], "cpu")).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "no JSON", "exit code 1")]
    [InlineData(134, "", "signal 6")]
    [InlineData(2, "{}", "exit code 2")]
    public void An_end_without_a_report_is_a_fault(int exitCode, string output, string words) =>
        Assert.Contains(words, RuntimeProbe.Judge(new ChildEnd(exitCode, false, output, ""), 60).Fault, StringComparison.Ordinal);

    private static Task<RuntimeReport> LookAsync(string library, params string[] providers) => LookAsync(library, 120, providers);

    private static Task<RuntimeReport> LookAsync(string library, int seconds, params string[] providers) => new RuntimeProbe(RehearsalTests.BuiltAgent, seconds).LookAsync(library, providers);
}
