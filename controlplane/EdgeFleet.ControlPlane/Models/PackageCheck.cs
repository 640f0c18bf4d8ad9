using System.Globalization;
using System.Text.Json;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Processes;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>
/// Checks a package in a process of its own, because models come from strangers: one that crashes the runtime, hangs or eats memory ends the child,
/// and that is its verdict. One check at a time.
/// </summary>
internal sealed partial class PackageCheck(PackageFiles files, IOptions<PackageOptions> options, ILogger<PackageCheck> logger) : IDisposable
{
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
        var call = OwnProgram.Call(CheckPackageCommand.Name, files.Root, manifest.Value, options.Value.CheckMemoryMb.ToString(CultureInfo.InvariantCulture));
        var (end, why) = await ChildRun.RunAsync(call, TimeSpan.FromSeconds(options.Value.CheckSeconds), cancel);
        return end switch
        {
            null => throw new InvalidOperationException($"The check of a package could not be started: {call.FileName}: {why}. Install the control plane anew."),
            { TimedOut: true } => Unusable($"The check was ended after {options.Value.CheckSeconds:0.#} s: a model of the package hangs, or is too slow for the golden set."),
            _ => Verdict(end),
        };
    }

    private PackageVerdict Verdict(ChildEnd end)
    {
        try
        {
            if (end.ExitCode == 0)
                return PackageVerdict.FromJson(end.Output);
        }
        catch (JsonException)
        {
            // Said below, as for any child that did not end well.
        }

        LogChildDied(logger, end.ExitCode, end.Errors.Length > ErrorCharsMax ? end.Errors[..ErrorCharsMax] : end.Errors);
        return Unusable(
            $"The check ended without a verdict (exit code {end.ExitCode}): a model of the package brought the runtime down, or needs more than {options.Value.CheckMemoryMb} MB. {end.Errors.Trim().Split('\n')[0]}".TrimEnd());
    }

    private static PackageVerdict Unusable(string fault) => new() { Faults = [fault], Variants = [] };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The check of a package ended with exit code {ExitCode}: {Errors}")]
    private static partial void LogChildDied(ILogger logger, int exitCode, string errors);
}
