namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>
/// The session options that may be given by name, from <c>onnxruntime_session_options_config_keys.h</c> of 1.31. ONNX Runtime takes any misspelt key, and many a
/// misspelt value, without a word, so only these are let through. Keys that write files, that name files, or that this project sets itself are not among them.
/// </summary>
public static class SessionKeys
{
    /// <summary>The keys.</summary>
    public static OptionKeys All { get; } = new("ONNX Runtime's sessions", new Dictionary<string, OptionForm>(StringComparer.Ordinal)
    {
        ["mlas.disable_kleidiai"] = OptionForm.Flag,
        ["mlas.enable_gemm_fastmath_arm64_bfloat16"] = OptionForm.Flag,
        ["mlas.use_lut_gemm"] = OptionForm.Flag,
        ["optimization.constant_folding_max_output_size_in_bytes"] = OptionForm.Count,
        ["optimization.disable_specified_optimizers"] = OptionForm.Text,
        ["optimization.enable_cast_chain_elimination"] = OptionForm.Flag,
        ["optimization.enable_gelu_approximation"] = OptionForm.Flag,
        ["session.disable_aot_function_inlining"] = OptionForm.Flag,
        ["session.disable_cpu_ep_fallback"] = OptionForm.Flag,
        ["session.disable_double_qdq_remover"] = OptionForm.Flag,
        ["session.disable_prepacking"] = OptionForm.Flag,
        ["session.disable_qdq_constant_folding"] = OptionForm.Flag,
        ["session.disable_quant_qdq"] = OptionForm.Flag,
        ["session.dynamic_block_base"] = OptionForm.Count,
        ["session.enable_dq_matmulnbits_fusion"] = OptionForm.Flag,
        ["session.enable_quant_qdq_cleanup"] = OptionForm.Flag,
        ["session.force_spinning_stop"] = OptionForm.Flag,
        ["session.function_expansion_byte_limit"] = OptionForm.Count,
        ["session.function_expansion_node_limit"] = OptionForm.Count,
        ["session.graph_optimizations_loop_level"] = OptionForm.Count,
        ["session.inter_op.allow_spinning"] = OptionForm.Flag,
        ["session.inter_op.spin_backoff_max"] = OptionForm.Count,
        ["session.inter_op.spin_duration_us"] = OptionForm.Count,
        ["session.intra_op.allow_spinning"] = OptionForm.Flag,
        ["session.intra_op.spin_backoff_max"] = OptionForm.Count,
        ["session.intra_op.spin_duration_us"] = OptionForm.Count,
        ["session.intra_op_thread_affinities"] = OptionForm.Text,
        ["session.prepack.enable_parallel"] = OptionForm.Flag,
        ["session.qdq_matmulnbits_accuracy_level"] = OptionForm.Count,
        ["session.set_denormal_as_zero"] = OptionForm.Flag,
        ["session.strict_shape_type_inference"] = OptionForm.Flag,
        ["session.use_device_allocator_for_initializers"] = OptionForm.Flag,
        ["session.use_env_allocators"] = OptionForm.Flag,
        ["session.x64quantprecision"] = OptionForm.Flag,
    });
}
