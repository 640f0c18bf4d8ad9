using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>The ONNX Runtime library of this process: another than the one that ships, where the board's configuration names one. To be called before the first call into it.</summary>
internal static class NativeRuntime
{
    /// <summary>ORT_API_VERSION that the managed part of ONNX Runtime 1.31 asks its library for; an older library has no such interface.</summary>
    public const uint ApiVersion = 31;

    private const string Export = "OrtGetApiBase";

    /// <summary>Why a file is no ONNX Runtime library that this program can use; null when it is one. Loading a library runs code of it.</summary>
    public static string? WhyNot(string path)
    {
        if (!File.Exists(path))
            return "there is no such file";
        if ((File.GetUnixFileMode(path) & UnixFileMode.OtherWrite) != 0)
            return "anybody may write it; take that away: chmod o-w";

        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return $"it cannot be loaded (see ldd): {Cause(e.Message)}";
        }

        // Never freed: of a library that goes on to serve it is the one handle, and threads of another may still be in it.
        return NativeLibrary.TryGetExport(library, Export, out var export) ? WhyTooOld(export) : $"it has no {Export}, so it is not ONNX Runtime";
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

    /// <summary>Which ONNX Runtime makes what is compiled. Builds of one version differ, so a library of the board's own counts by its file.</summary>
    /// <param name="library">That library; empty for the one that ships.</param>
    public static string Identity(string library)
    {
        var version = OrtEnv.Instance().GetVersionString();
        return library.Length == 0 ? version : $"{version} {GpuFacts.Library(library)}";
    }

    private static unsafe string? WhyTooOld(nint export)
    {
        var api = ((delegate* unmanaged<ApiBase*>)export)();
        if (api is null || api->GetApi is null)
            return $"its {Export} gives nothing, so it is not ONNX Runtime";
        if (api->GetApi(ApiVersion) is not null)
            return null;

        var version = api->GetVersionString is null ? null : Marshal.PtrToStringUTF8(api->GetVersionString());
        return $"it is ONNX Runtime {version ?? "of an unknown version"}, which is too old: interface {ApiVersion} is needed, so at least 1.{ApiVersion}";
    }

    // .NET's own advice stands in the first line, what the loader said of the file itself in the second.
    private static string Cause(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [_, var loader, ..] ? loader : text;

    // OrtApiBase of onnxruntime_c_api.h, unchanged since its first version.
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct ApiBase
    {
        public delegate* unmanaged<uint, void*> GetApi;
        public delegate* unmanaged<nint> GetVersionString;
    }
}
