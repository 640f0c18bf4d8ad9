using System.Globalization;
using System.Text.Json;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// <c>edgefleet-agent compile --packages DIR --manifest DIGEST --variant NAME --into DIR --runtime JSON [--parent PID]</c>: opens a variant and runs it once, so
/// that its provider leaves in the folder what it compiled. For the agent's own use.
/// </summary>
internal static class CompileCommand
{
    /// <summary>The command's name.</summary>
    public const string Verb = "compile";

    /// <summary>Runs the command.</summary>
    /// <returns>0 done, 1 with the reason as the last line of the output, 2 wrong call, 3 the parent is gone.</returns>
    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        var parsed = CommandArgs.Parse(args, [], ["--packages", "--manifest", "--variant", "--into", "--runtime", "--parent"]);
        if (parsed.Fault is null && parsed.Value("--packages") is { } packages && Sha256Digest.TryParse(parsed.Value("--manifest") ?? "", out var manifest)
            && parsed.Value("--variant") is { } variant && parsed.Value("--into") is { } into && parsed.Value("--runtime") is { } runtime)
        {
            if (int.TryParse(parsed.Value("--parent"), NumberStyles.None, CultureInfo.InvariantCulture, out var parent))
                RehearsalLimits.StandAside(parent);
            var why = WhyNot(new ContentStore(packages), manifest, variant, into, runtime);
            if (why is not null)
                output.WriteLine(why.ReplaceLineEndings(" "));
            output.Flush();
            return why is null ? 0 : 1;
        }

        return parsed.Refuse(errors, Verb, "--packages DIR --manifest DIGEST --variant NAME --into DIR --runtime JSON");
    }

    private static string? WhyNot(ContentStore packages, Sha256Digest digest, string name, string into, string json)
    {
        try
        {
            var use = JsonSerializer.Deserialize(json, RuntimeJson.Default.RuntimeUse) ?? throw new JsonException("The runtime is 'null'.");
            if (use.Library.Length > 0 && NativeRuntime.Use(use.Library) is { } why)
                return $"{use.Library} is not what the agent found in it: {why}";

            var manifest = ManifestReader.Read(File.ReadAllBytes(packages.PathOf(digest)));
            var variant = manifest.Variants.FirstOrDefault(v => v.Name == name) ?? throw new InvalidDataException($"The manifest has no variant '{name}'.");
            use = use with { Engines = new Dictionary<string, string> { [variant.File.Digest.Value] = into } };
            using var session = ModelSession.Load(packages.PathOf(variant.File.Digest), manifest.Input, manifest.Output, use.SettingsFor(variant, threads: 1));
            using var run = new RunOptions();
            session.Run(run);
            return null;
        }
        catch (Exception e) when (e is ManifestException or ModelLoadException or OnnxRuntimeException or JsonException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}
