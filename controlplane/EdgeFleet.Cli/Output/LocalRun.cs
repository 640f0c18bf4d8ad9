using System.Security.Cryptography;
using EdgeFleet.Cli.Connection;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Output;

/// <summary>Runs what speaks with no control plane, and turns what goes wrong into text and exit code.</summary>
internal static class LocalRun
{
    /// <summary>Runs an action that says its own exit code.</summary>
    public static int Of(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (UsageException e)
        {
            Printer.Error(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is PackException or QuantizationException or OnnxFileException or TufException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            Printer.Error(e.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>Runs an action.</summary>
    public static int Of(Action action) => Of(() =>
    {
        action();
        return ExitCode.Ok;
    });
}
