using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace EdgeFleet.Testing.Runtimes;

/// <summary>ONNX Runtime libraries as a board may have them: the real one, and faulty ones that are compiled on the spot.</summary>
public static class FakeRuntime
{
    /// <summary>The library that the tests run with: the CPU alone.</summary>
    public static string Real { get; } = RealPath();

    /// <summary>Folder of ONNX Runtime's C headers.</summary>
    public static string Headers { get; } = typeof(FakeRuntime).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "OnnxRuntimeHeaders").Value!;

    /// <summary>Compiles a library.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="faults">Macros of <c>fake_onnxruntime.c</c>; with none it hands on to <see cref="Real"/> and says that it has a GPU.</param>
    public static string Build(string path, params string[] faults) =>
        Compile(path, [Path.Combine(AppContext.BaseDirectory, "fake_onnxruntime.c"), "-I", Headers, $"-DREAL=\"{Real}\"", .. faults.Select(f => $"-D{f}")]);

    /// <summary>Compiles a library with a TensorRT that keeps engines.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="log">File to which it adds a line for every session: <c>built FOLDER</c>, <c>found FOLDER</c> or <c>kept nothing</c>.</param>
    /// <param name="faults">Macros of <c>fake_onnxruntime.c</c>.</param>
    public static string BuildWithEngines(string path, string log, params string[] faults) => Build(path, [$"LOG=\"{log}\"", .. faults]);

    /// <summary>Compiles a library that needs another one, which is gone.</summary>
    public static string BuildNeeding(string path, string other)
    {
        var needed = Path.Combine(Path.GetDirectoryName(path)!, other);
        Build(needed, "NO_EXPORT");
        Build(path, "NO_BASE");
        Compile(path, [Path.Combine(AppContext.BaseDirectory, "fake_onnxruntime.c"), "-I", Headers, "-DNO_BASE", "-Wl,--no-as-needed", needed]);
        File.Delete(needed);
        return path;
    }

    private static string Compile(string path, string[] args)
    {
        using var gcc = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-o", path, .. args]) { RedirectStandardError = true })!;
        var errors = gcc.StandardError.ReadToEnd();
        gcc.WaitForExit();
        return gcc.ExitCode == 0 ? path : throw new InvalidOperationException($"gcc ended with {gcc.ExitCode}: {errors}");
    }

    private static string RealPath()
    {
        var arch = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "linux-arm64" : "linux-x64";
        return Path.Combine(AppContext.BaseDirectory, "runtimes", arch, "native", "libonnxruntime.so");
    }
}
