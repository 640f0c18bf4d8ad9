using EdgeFleet.Shared.Models.Sessions;
using EdgeFleet.Testing.Runtimes;

namespace EdgeFleet.Shared.Tests.Models.Sessions;

public sealed class SessionKeysTests
{
    [Fact]
    public void Every_known_key_stands_in_the_header_of_the_library_that_ships()
    {
        var header = File.ReadAllText(Path.Combine(FakeRuntime.Headers, "onnxruntime_session_options_config_keys.h"));

        Assert.All(SessionKeys.All.Known, key => Assert.Contains($"\"{key}\";", header, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("session.intra_op.allow_spining", "session.intra_op.allow_spinning")]
    [InlineData("session.dynamic_block_bass", "session.dynamic_block_base")]
    [InlineData("Session.Disable_Prepacking", "session.disable_prepacking")]
    [InlineData("kleidiai", "mlas.disable_kleidiai")]
    public void A_misspelt_key_is_answered_with_the_nearest_ones(string key, string nearest)
    {
        Assert.Contains(nearest, SessionKeys.All.Nearest(key));
        Assert.Contains(nearest, SessionKeys.All.WhyNot(key, "1"), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SessionOptionsBuilder.Build(new SessionSettings { Entries = new Dictionary<string, string> { [key] = "1" } }));
    }

    [Theory]
    [InlineData("session.save_model_format")]
    [InlineData("session.optimized_model_filepath")]
    [InlineData("ep.context_file_path")]
    [InlineData("session.model_external_initializers_file_folder_path")]
    [InlineData("session.collect_node_memory_stats_to_file")]
    public void Keys_that_name_files_are_not_let_through(string key) => Assert.NotNull(SessionKeys.All.WhyNot(key, "x"));

    [Theory]
    [InlineData("session.intra_op.allow_spinning", "yes", "\"0\" or \"1\"")]
    [InlineData("session.intra_op.allow_spinning", "true", "\"0\" or \"1\"")]
    [InlineData("session.dynamic_block_base", "-4", "whole number")]
    [InlineData("session.intra_op.spin_duration_us", "1ms", "whole number")]
    [InlineData("session.intra_op_thread_affinities", "", "empty")]
    public void A_value_that_the_library_would_take_for_something_else_is_refused(string key, string value, string why) =>
        Assert.Contains(why, SessionKeys.All.WhyNot(key, value), StringComparison.Ordinal);

    [Theory]
    [InlineData("tensorrt", "trt_fp16_enabled", "1", "trt_fp16_enable")]
    [InlineData("tensorrt", "trt_engine_cache_path", "/etc", "is no option of TensorRT")]
    [InlineData("tensorrt", "trt_dla_enable", "True", "must be")]
    [InlineData("cuda", "gpu_memlimit", "1", "gpu_mem_limit")]
    [InlineData("cpu", "threads", "1", "is no option")]
    public void Options_of_providers_are_known_too(string provider, string key, string value, string words) =>
        Assert.Contains(words, ProviderKeys.Of(provider).WhyNot(key, value), StringComparison.Ordinal);

    [Fact]
    public void The_library_takes_every_known_key_and_still_answers()
    {
        var entries = SessionKeys.All.Known.Where(k => k is not ("session.intra_op_thread_affinities" or "optimization.disable_specified_optimizers")).ToDictionary(k => k, _ => "1");
        entries["optimization.disable_specified_optimizers"] = "GeluFusionL2";
        // Allocators of the environment are for programs that register some.
        entries["session.use_env_allocators"] = "0";
        // The model does run on the CPU.
        entries["session.disable_cpu_ep_fallback"] = "0";
        foreach (var (key, value) in entries)
            Assert.Null(SessionKeys.All.WhyNot(key, value));

        Assert.Null(ExecutionProviders.WhyAbsent(ExecutionProviders.Cpu, entries));
    }
}
