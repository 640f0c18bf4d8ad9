using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>The ONNX Runtime library of this process: another than the one that ships, where the board's configuration names one. To be called before the first call into it.</summary>
internal static class NativeRuntime
{
    private const string Export = "OrtGetApiBase";

    /// <summary>Why a file is no ONNX Runtime library that this process can load; null when it is one.</summary>
    public static string? WhyNot(string path)
    {
        if (!File.Exists(path))
            return "there is no such file";
        if (!NativeLibrary.TryLoad(path, out var library))
            return "it cannot be loaded: it is no library for this board, or one that it needs is missing (see ldd)";

        var isOrt = NativeLibrary.TryGetExport(library, Export, out _);
        NativeLibrary.Free(library);
        return isOrt ? null : $"it has no {Export}, so it is not ONNX Runtime";
    }

    /// <summary>Makes every call go to a library.</summary>
    /// <returns>Null when they will, else why not; the library that ships serves then.</returns>
    public static string? Use(string path)
    {
        if (WhyNot(path) is { } why)
            return why;

        try
        {
            OrtEnv.DisableDllImportResolver = true;
            NativeLibrary.SetDllImportResolver(
                typeof(InferenceSession).Assembly,
                (string name, Assembly _, DllImportSearchPath? _) => name.Contains("onnxruntime", StringComparison.Ordinal) ? NativeLibrary.Load(path) : 0);
            return null;
        }
        catch (InvalidOperationException)
        {
            return "ONNX Runtime was in use before";
        }
    }

    /// <summary>Makes the environment with threads that all sessions share, which do not spin. One thread needs none: a run stays on its caller's.</summary>
    /// <returns>True when sessions can use them.</returns>
    public static bool ShareThreads(int threads)
    {
        if (threads < 2 || OrtEnv.IsCreated)
            return false;

        using var threading = new OrtThreadingOptions { GlobalIntraOpNumThreads = threads, GlobalInterOpNumThreads = 1, GlobalSpinControl = false };
        var options = new EnvironmentCreationOptions { logId = "edgefleet", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, threadOptions = threading };
        OrtEnv.CreateInstanceWithOptions(ref options);
        return true;
    }
}
