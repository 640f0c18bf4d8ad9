namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>
/// The session options that may be given by name, from <c>onnxruntime_session_options_config_keys.h</c> of 1.31. ONNX Runtime takes any misspelt key, and many a
/// misspelt value, without a word, so only these are let through. Keys that write files, that name files, or that this project sets itself are not among them.
/// </summary>
public static class SessionKeys
{
    private const int NearestCount = 3;

    private static readonly Dictionary<string, Form> Forms = new(StringComparer.Ordinal)
    {
        ["mlas.disable_kleidiai"] = Form.Flag,
        ["mlas.enable_gemm_fastmath_arm64_bfloat16"] = Form.Flag,
        ["mlas.use_lut_gemm"] = Form.Flag,
        ["optimization.constant_folding_max_output_size_in_bytes"] = Form.Count,
        ["optimization.disable_specified_optimizers"] = Form.Text,
        ["optimization.enable_cast_chain_elimination"] = Form.Flag,
        ["optimization.enable_gelu_approximation"] = Form.Flag,
        ["session.disable_aot_function_inlining"] = Form.Flag,
        ["session.disable_cpu_ep_fallback"] = Form.Flag,
        ["session.disable_double_qdq_remover"] = Form.Flag,
        ["session.disable_prepacking"] = Form.Flag,
        ["session.disable_qdq_constant_folding"] = Form.Flag,
        ["session.disable_quant_qdq"] = Form.Flag,
        ["session.dynamic_block_base"] = Form.Count,
        ["session.enable_dq_matmulnbits_fusion"] = Form.Flag,
        ["session.enable_quant_qdq_cleanup"] = Form.Flag,
        ["session.force_spinning_stop"] = Form.Flag,
        ["session.function_expansion_byte_limit"] = Form.Count,
        ["session.function_expansion_node_limit"] = Form.Count,
        ["session.graph_optimizations_loop_level"] = Form.Count,
        ["session.inter_op.allow_spinning"] = Form.Flag,
        ["session.inter_op.spin_backoff_max"] = Form.Count,
        ["session.inter_op.spin_duration_us"] = Form.Count,
        ["session.intra_op.allow_spinning"] = Form.Flag,
        ["session.intra_op.spin_backoff_max"] = Form.Count,
        ["session.intra_op.spin_duration_us"] = Form.Count,
        ["session.intra_op_thread_affinities"] = Form.Text,
        ["session.prepack.enable_parallel"] = Form.Flag,
        ["session.qdq_matmulnbits_accuracy_level"] = Form.Count,
        ["session.set_denormal_as_zero"] = Form.Flag,
        ["session.strict_shape_type_inference"] = Form.Flag,
        ["session.use_device_allocator_for_initializers"] = Form.Flag,
        ["session.use_env_allocators"] = Form.Flag,
        ["session.x64quantprecision"] = Form.Flag,
    };

    private enum Form
    {
        Flag,
        Count,
        Text,
    }

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> Known => Forms.Keys;

    /// <summary>True for a key that is let through.</summary>
    public static bool IsKnown(string key) => Forms.ContainsKey(key);

    /// <summary>Why a key may not be set to a value, as a clause; null when it may.</summary>
    public static string? WhyNot(string key, string value)
    {
        if (!Forms.TryGetValue(key, out var form))
            return $"is no session option of ONNX Runtime that may be set; the nearest are {string.Join(", ", Nearest(key))}";

        return form switch
        {
            Form.Flag when value is not ("0" or "1") => $"is '{value}', but must be \"0\" or \"1\"",
            Form.Count when value.Length is 0 or > 18 || !value.All(char.IsAsciiDigit) => $"is '{value}', but must be a whole number that is not negative",
            Form.Text when value.Length == 0 => "is empty",
            _ => null,
        };
    }

    /// <summary>The known keys that are the fewest changed letters away, the nearest first.</summary>
    public static IReadOnlyList<string> Nearest(string key) => [.. Known.OrderBy(k => Distance(k, key)).Take(NearestCount)];

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
