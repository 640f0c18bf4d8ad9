using System.Globalization;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>The execution providers of ONNX Runtime that variants may name, and whether the loaded library has them.</summary>
public static class ExecutionProviders
{
    /// <summary>ONNX Runtime's own kernels; always there.</summary>
    public const string Cpu = "cpu";

    /// <summary>Google's kernels for ARM.</summary>
    public const string Xnnpack = "xnnpack";

    /// <summary>NVIDIA's GPUs.</summary>
    public const string Cuda = "cuda";

    /// <summary>NVIDIA's GPUs by engines that are built on the board.</summary>
    public const string TensorRt = "tensorrt";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Known { get; } = [TensorRt, Cuda, Xnnpack, Cpu];

    /// <summary>
    /// Why a provider cannot be used with the library that is loaded; null when it can. A small model must run on it and answer rightly, none of it on the CPU:
    /// libraries name providers whose driver or kernels are missing.
    /// </summary>
    /// <param name="provider">One of <see cref="Known"/>.</param>
    /// <param name="options">Session options to try it with.</param>
    public static string? WhyAbsent(string provider, IReadOnlyDictionary<string, string>? options = null)
    {
        try
        {
            var entries = new Dictionary<string, string>(options ?? new Dictionary<string, string>());
            if (provider != Cpu)
                entries["session.disable_cpu_ep_fallback"] = "1";
            using var built = SessionOptionsBuilder.Build(new SessionSettings { Provider = provider, Entries = entries });
            using var session = new InferenceSession(ProbeModel.Bytes.ToArray(), built);
            using var input = OrtValue.CreateTensorValueFromMemory(new float[ProbeModel.Values], [1, ProbeModel.Values]);
            using var run = new RunOptions();
            using var answer = session.Run(run, [ProbeModel.Input], [input], [ProbeModel.Output]);
            var values = answer[0].GetTensorDataAsSpan<float>();
            return ProbeModel.IsRight(values)
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"it answers wrongly: softmax of {ProbeModel.Values} equal values begins with {values[0]}");
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException or DllNotFoundException)
        {
            return e.Message;
        }
    }

    internal static void Append(SessionOptions options, SessionSettings settings)
    {
        var own = new Dictionary<string, string>(settings.ProviderOptions);
        switch (settings.Provider)
        {
            case Cpu:
                break;
            case Xnnpack:
                own.TryAdd("intra_op_num_threads", settings.Threads.ToString(CultureInfo.InvariantCulture));
                options.AppendExecutionProvider("XNNPACK", own);
                break;
            case Cuda:
                AppendCuda(options, own);
                break;
            case TensorRt:
                AppendTensorRt(options, own);
                // What TensorRT cannot take stays on the GPU.
                AppendCuda(options, []);
                break;
            default:
                throw new ArgumentException($"'{settings.Provider}' is no execution provider; there are {string.Join(", ", Known)}.");
        }
    }

    private static void AppendTensorRt(SessionOptions options, Dictionary<string, string> own)
    {
        using var tensorRt = new OrtTensorRTProviderOptions();
        if (own.Count > 0)
            tensorRt.UpdateOptions(own);
        options.AppendExecutionProvider_Tensorrt(tensorRt);
    }

    private static void AppendCuda(SessionOptions options, Dictionary<string, string> own)
    {
        using var cuda = new OrtCUDAProviderOptions();
        if (own.Count > 0)
            cuda.UpdateOptions(own);
        options.AppendExecutionProvider_CUDA(cuda);
    }
}
