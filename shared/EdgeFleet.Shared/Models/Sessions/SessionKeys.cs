namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>
/// The session options that may be given by name, from <c>onnxruntime_session_options_config_keys.h</c> of 1.31. ONNX Runtime takes any misspelt key without a
/// word, so only these are let through. Keys that write files, or that this project sets itself, are not among them.
/// </summary>
public static class SessionKeys
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Known { get; } =
    [
        "ep.context_embed_mode",
        "ep.context_enable",
        "mlas.disable_kle",
        "mlas.enable_gemm_fastmath_arm64_bfloat16",
        "mlas.use_lut_gemm",
        "optimization.constant_folding_max_output_size_in_bytes",
        "optimization.disable_specified_optimizers",
        "optimization.enable_cast_chain_elimination",
        "optimization.enable_gelu_approximation",
        "session.disable_aot_function_inlining",
        "session.disable_cpu_ep_fallback",
        "session.disable_double_qdq_remover",
        "session.disable_prepacking",
        "session.disable_qdq_constant_folding",
        "session.disable_quant_qdq",
        "session.dynamic_block_base",
        "session.enable_dq_matmulnbits_fusion",
        "session.enable_quant_qdq_cleanup",
        "session.force_spinning_stop",
        "session.function_expansion_byte_limit",
        "session.function_expansion_node_limit",
        "session.graph_optimizations_loop_level",
        "session.inter_op.allow_spinning",
        "session.inter_op.spin_backoff_max",
        "session.inter_op.spin_duration_us",
        "session.intra_op.allow_spinning",
        "session.intra_op.spin_backoff_max",
        "session.intra_op.spin_duration_us",
        "session.intra_op_thread_affinities",
        "session.prepack.enable_parallel",
        "session.qdq_matmulnbits_accuracy_level",
        "session.qdqisint8allowed",
        "session.set_denormal_as_zero",
        "session.strict_shape_type_inference",
        "session.use_device_allocator_for_initializers",
        "session.use_env_allocators",
        "session.x64quantprecision",
    ];

    /// <summary>True for a key that is let through.</summary>
    public static bool IsKnown(string key) => Known.Contains(key, StringComparer.Ordinal);

    /// <summary>The known key that is the fewest changed letters away.</summary>
    public static string Nearest(string key) => Known.MinBy(k => Distance(k, key))!;

    // Levenshtein, a row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var before = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
