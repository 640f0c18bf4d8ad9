using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>
/// Checks a package as a stranger's work: manifest, every hash, the preparation of the golden sources, and every variant's answers. It loads
/// models that may be hostile, so a server runs it in a process of its own with limits.
/// </summary>
public static class PackageVerifier
{
    private const int FaultsShown = 3;

    private const double ReadingTolerance = 1e-5;

    /// <summary>Checks a package folder.</summary>
    public static PackageVerdict Verify(string folder, CancellationToken cancel = default)
    {
        var path = Path.Combine(folder, "manifest.json");
        if (!File.Exists(path)) return Unusable($"{folder} is no package: it has no manifest.json.");
        if (new FileInfo(path).Length > ManifestReader.BytesMax) return Unusable($"{path} has more than {ManifestReader.BytesMax} bytes.");
        try
        {
            return Verify(ManifestReader.Read(File.ReadAllBytes(path)), file => Path.Combine(folder, file.Path), cancel);
        }
        catch (ManifestException faulty)
        {
            return Unusable(faulty.Message);
        }
    }

    /// <summary>Checks a package whose files lie wherever <paramref name="pathOf"/> says, as in a content store.</summary>
    public static PackageVerdict Verify(Manifest manifest, Func<FileRef, string> pathOf, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        ArgumentNullException.ThrowIfNull(pathOf);
        try
        {
            string[] faults = [.. manifest.AllFiles.Select(f => FaultOf(f, pathOf(f))).OfType<string>()];
            if (faults.Length > 0) return Unusable(faults);
            if (manifest.Advice is { } advice && AdviceReader.Read(File.ReadAllBytes(pathOf(advice)), advice.Path, manifest.Output.Labels).Fault is { } unread) return Unusable(unread);

            var (golden, fault) = GoldenFiles.Read(manifest, pathOf);
            if (golden is null) return Unusable(fault!);
            using var open = golden;
            if (PreparationFault(manifest, golden, pathOf) is { } unlike) return Unusable(unlike);
            var verdicts = manifest.Variants.Select(v => Judge(manifest, v, golden, pathOf(v.File), cancel));
            return new PackageVerdict { Faults = [], Variants = [.. verdicts] };
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            return Unusable($"The package cannot be read: {failed.Message}");
        }
    }

    private static PackageVerdict Unusable(params string[] faults) => new() { Faults = faults, Variants = [] };

    private static string? FaultOf(FileRef file, string path)
    {
        if (!File.Exists(path)) return $"{file.Path} is missing.";
        // Asked of the open file, because a link's own length is that of its target's name.
        using var stream = File.OpenRead(path);
        if (stream.Length != file.Size) return $"{file.Path} has {stream.Length} bytes, the manifest says {file.Size}.";
        var digest = Sha256Digest.FromHash(System.Security.Cryptography.SHA256.HashData(stream));
        return digest == file.Digest
            ? null
            : $"{file.Path} has the SHA-256 {digest.Short}..., the manifest says {file.Digest.Short}...: it was changed or damaged.";
    }

    // A source that does not become its tensor means that boards would prepare live samples otherwise than the model was measured.
    private static string? PreparationFault(Manifest manifest, GoldenFiles golden, Func<FileRef, string> pathOf)
    {
        var tensor = new float[manifest.Input.Elements];
        try
        {
            for (var i = 0; i < golden.Set.Items.Count; i++)
            {
                golden.Inputs.Fill(i, tensor);
                golden.Inputs.CheckShipped(i);
                if (manifest.Input.Kind == "series" && golden.Set.Items[i].Source is { } source && SeriesFault(manifest.Input, source, pathOf(source), tensor) is { } fault)
                    return fault;
            }

            return null;
        }
        catch (Exception unlike) when (unlike is InvalidDataException or UnreadableException)
        {
            return unlike.Message;
        }
    }

    private static string? SeriesFault(InputSpec input, FileRef source, string path, float[] wanted)
    {
        var prepared = ISampleReader.For(input).Read(new LabelledFile(path, source.Path, -1, "val")).First().Tensor;
        var (difference, tolerance) = (prepared.Zip(wanted, (a, b) => (double)MathF.Abs(a - b)).Max(), ReadingTolerance * input.Scale.Max(MathF.Abs));
        return difference <= tolerance ? null : FormattableString.Invariant(
            $"{source.Path}, prepared as the manifest says, differs from its golden tensor by {difference:0.####} (at most {tolerance:0.####}). ")
            + "The preparation in the manifest is not the one the model was measured with.";
    }

    private static VariantVerdict Judge(Manifest manifest, Variant variant, GoldenFiles golden, string path, CancellationToken cancel)
    {
        try
        {
            using var session = PackModels.LoadFor(variant.Provider, path, manifest.Input, manifest.Output);
            using var run = new RunOptions();
            var reader = AnswerReader.For(manifest.Input, manifest.Output);
            var answers = new KeptAnswer?[golden.Set.Items.Count];
            for (var i = 0; i < answers.Length; i++)
            {
                cancel.ThrowIfCancellationRequested();
                golden.Inputs.Fill(i, session.Input);
                session.Run(run);
                answers[i] = KeptAnswer.Of(reader.Read(session), session);
            }

            var verdict = GoldenJudge.Judge(golden.Set, manifest.Output, answers);
            return new VariantVerdict
            {
                Name = variant.Name,
                Passed = verdict.Passed,
                Agreement = verdict.Agreement,
                ProbabilityChange = verdict.ProbabilityChange,
                Summary = verdict.Summary,
            };
        }
        catch (Exception failed) when (failed is ModelLoadException or OnnxRuntimeException or OnnxFileException)
        {
            return new VariantVerdict { Name = variant.Name, Passed = false, Summary = $"cannot run: {failed.Message}" };
        }
    }
}
