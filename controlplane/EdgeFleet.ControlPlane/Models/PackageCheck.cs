using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>
/// Checks a package in a process of its own, because models come from strangers: one that crashes the runtime, hangs or eats memory ends the child,
/// and that is its verdict. One check at a time.
/// </summary>
internal sealed partial class PackageCheck(PackageFiles files, IOptions<PackageOptions> options, ILogger<PackageCheck> logger) : IDisposable
{
    private const int OutputCharsMax = 1024 * 1024;
    private const int ErrorCharsMax = 2000;

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Checks the package whose files are all in the store.</summary>
    public async Task<PackageVerdict> RunAsync(Sha256Digest manifest, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            return await RunChildAsync(manifest, cancel);
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<PackageVerdict> RunChildAsync(Sha256Digest manifest, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(options.Value.CheckSeconds));
        var over = new ManualResetEventSlim();
        using var child = await StartAsync(Call(manifest), over);
        try
        {
            var output = ReadAsync(child.StandardOutput, OutputCharsMax, deadline.Token);
            var errors = ReadAsync(child.StandardError, ErrorCharsMax, deadline.Token);
            await child.WaitForExitAsync(deadline.Token);
            return Verdict(child.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Unusable($"The check was ended after {options.Value.CheckSeconds:0.#} s: a model of the package hangs, or is too slow for the golden set.");
        }
        finally
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
            over.Set();
        }
    }

    // The kernel ends the child with the thread that started it, not with the process, and threads of the pool end when they are idle for a while. This one does
    // not end before the check is over.
    private static Task<Process> StartAsync(ProcessStartInfo info, ManualResetEventSlim over)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                started.SetResult(Process.Start(info)!);
            }
            catch (Win32Exception e)
            {
                started.SetException(new InvalidOperationException($"The check of a package could not be started: {info.FileName}: {e.Message}. Install the control plane anew.", e));
                return;
            }

            over.Wait();
        })
        { IsBackground = true, Name = "package check" }.Start();
        return started.Task;
    }

    private PackageVerdict Verdict(int exitCode, string output, string errors)
    {
        try
        {
            if (exitCode == 0)
                return PackageVerdict.FromJson(output);
        }
        catch (JsonException)
        {
            // Said below, as for any child that did not end well.
        }

        LogChildDied(logger, exitCode, errors);
        return Unusable(
            $"The check ended without a verdict (exit code {exitCode}): a model of the package brought the runtime down, or needs more than {options.Value.CheckMemoryMb} MB. {errors.Trim().Split('\n')[0]}".TrimEnd());
    }

    private ProcessStartInfo Call(Sha256Digest manifest)
    {
        var info = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        var assembly = typeof(PackageCheck).Assembly.Location;
        var program = Path.ChangeExtension(assembly, null);
        if (assembly.Length == 0)
            info.FileName = Environment.ProcessPath!; // Published as a single file.
        else if (File.Exists(program))
            info.FileName = program;
        else
            (info.FileName, _) = ("dotnet", Add(assembly));

        Add(CheckPackageCommand.Name);
        Add(files.Root);
        Add(manifest.Value);
        Add(options.Value.CheckMemoryMb.ToString(CultureInfo.InvariantCulture));
        // No server settings of the parent: one heap, small, and no diagnostics port beside it.
        info.Environment["DOTNET_gcServer"] = "0";
        info.Environment["DOTNET_EnableDiagnostics"] = "0";
        return info;

        bool Add(string argument)
        {
            info.ArgumentList.Add(argument);
            return true;
        }
    }

    private static async Task<string> ReadAsync(StreamReader from, int charsMax, CancellationToken cancel)
    {
        var kept = new char[charsMax];
        var overflow = new char[4096];
        var (length, read) = (0, 0);
        // What is over the limit is read and dropped, so that a child that talks on is not stopped by a full pipe.
        while ((read = await from.ReadAsync(length < charsMax ? kept.AsMemory(length) : overflow, cancel)) > 0)
            length = Math.Min(charsMax, length + read);
        return new string(kept, 0, length);
    }

    private static PackageVerdict Unusable(string fault) => new() { Faults = [fault], Variants = [] };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The check of a package ended with exit code {ExitCode}: {Errors}")]
    private static partial void LogChildDied(ILogger logger, int exitCode, string errors);
}
