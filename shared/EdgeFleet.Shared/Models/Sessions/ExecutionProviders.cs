using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>The execution providers of ONNX Runtime that models may name, and whether the loaded library has them.</summary>
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

    /// <summary>Why a provider cannot be used with the library that is loaded; null when it can. Asks the library, and needs no model.</summary>
    public static string? WhyAbsent(string provider)
    {
        try
        {
            using var options = SessionOptionsBuilder.Build(new SessionSettings { Provider = provider });
            return null;
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
                own.TryAdd("intra_op_num_threads", settings.Threads.ToString(System.Globalization.CultureInfo.InvariantCulture));
                options.AppendExecutionProvider("XNNPACK", own);
                break;
            case Cuda:
                AppendCuda(options, own);
                break;
            case TensorRt:
                using (var tensorRt = new OrtTensorRTProviderOptions())
                {
                    if (own.Count > 0)
                        tensorRt.UpdateOptions(own);
                    options.AppendExecutionProvider_Tensorrt(tensorRt);
                }

                // What TensorRT cannot take stays on the GPU.
                AppendCuda(options, []);
                break;
            default:
                throw new ArgumentException($"'{settings.Provider}' is no execution provider; there are {string.Join(", ", Known)}.");
        }
    }

    private static void AppendCuda(SessionOptions options, Dictionary<string, string> own)
    {
        using var cuda = new OrtCUDAProviderOptions();
        if (own.Count > 0)
            cuda.UpdateOptions(own);
        options.AppendExecutionProvider_CUDA(cuda);
    }
}
