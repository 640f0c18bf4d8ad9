namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>The options of execution providers that may be given by name. Where files are kept, and what is kept, this project says itself.</summary>
public static class ProviderKeys
{
    private static readonly OptionKeys None = new("this provider", new Dictionary<string, OptionForm>());

    private static readonly Dictionary<string, OptionKeys> OfProvider = new(StringComparer.Ordinal)
    {
        [ExecutionProviders.TensorRt] = new("TensorRT", new Dictionary<string, OptionForm>(StringComparer.Ordinal)
        {
            ["device_id"] = OptionForm.Count,
            ["trt_auxiliary_streams"] = OptionForm.Count,
            ["trt_build_heuristics_enable"] = OptionForm.Flag,
            ["trt_builder_optimization_level"] = OptionForm.Count,
            ["trt_context_memory_sharing_enable"] = OptionForm.Flag,
            ["trt_cuda_graph_enable"] = OptionForm.Flag,
            ["trt_dla_core"] = OptionForm.Count,
            ["trt_dla_enable"] = OptionForm.Flag,
            ["trt_force_sequential_engine_build"] = OptionForm.Flag,
            ["trt_fp16_enable"] = OptionForm.Flag,
            ["trt_int8_enable"] = OptionForm.Flag,
            ["trt_layer_norm_fp32_fallback"] = OptionForm.Flag,
            ["trt_max_partition_iterations"] = OptionForm.Count,
            ["trt_max_workspace_size"] = OptionForm.Count,
            ["trt_min_subgraph_size"] = OptionForm.Count,
            ["trt_profile_max_shapes"] = OptionForm.Text,
            ["trt_profile_min_shapes"] = OptionForm.Text,
            ["trt_profile_opt_shapes"] = OptionForm.Text,
            ["trt_sparsity_enable"] = OptionForm.Flag,
        }),
        [ExecutionProviders.Cuda] = new("CUDA", new Dictionary<string, OptionForm>(StringComparer.Ordinal)
        {
            ["arena_extend_strategy"] = OptionForm.Text,
            ["cudnn_conv_algo_search"] = OptionForm.Text,
            ["cudnn_conv_use_max_workspace"] = OptionForm.Flag,
            ["device_id"] = OptionForm.Count,
            ["gpu_mem_limit"] = OptionForm.Count,
            ["prefer_nhwc"] = OptionForm.Flag,
            ["use_tf32"] = OptionForm.Flag,
        }),
        [ExecutionProviders.Xnnpack] = new("XNNPACK", new Dictionary<string, OptionForm>(StringComparer.Ordinal) { ["intra_op_num_threads"] = OptionForm.Count }),
    };

    /// <summary>The keys of a provider; none for one that takes none.</summary>
    public static OptionKeys Of(string provider) => OfProvider.GetValueOrDefault(provider, None);
}
