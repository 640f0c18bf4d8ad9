using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Writes the files of a package and the manifest that names them.</summary>
internal sealed class PackageBuilder(PackRequest request, PackSpecs specs, LabelledData data, PackModels models, PackMeasurement measured)
{
    private static readonly HashSet<string> NothingFound = ["health", "healthy", "normal", "ok", "good", "none", "background"];

    /// <summary>Writes everything, the manifest last.</summary>
    public (Manifest Manifest, PackageRef Package) Write(PackageWriter package)
    {
        var labels = package.Add("labels.txt", Encoding.UTF8.GetBytes(string.Join('\n', specs.Output.Labels) + "\n"));
        var (golden, goldenFiles) = WriteGolden(package);
        var reference = package.Add("reference.json", measured.Reference, WireJson.Indented.Reference);
        var report = package.Add("report.json", measured.Report, WireJson.Indented.PackageReport);
        var advice = measured.Advice is null ? null : package.Add("advice.json", measured.Advice, WireJson.Indented.AdviceTexts);
        package.Add("latency.json", JsonSerializer.SerializeToUtf8Bytes(measured.Latency, PackJson.Default.IReadOnlyListLatencyFigures));

        var reasons = measured.Report.Variants.Where(v => v.Refused is not null).Select(v => v.Refused).ToList();
        var manifest = new Manifest
        {
            Name = request.Name,
            Version = request.Version,
            Task = request.Task,
            Lineage = LineageOf(),
            Input = specs.Input,
            Output = specs.Output,
            Alerts = request.Alerts ?? ProposedAlerts(),
            Budgets = request.Budgets ?? BudgetProposer.Propose(measured.Latency, models.Variants.Select(v => v.Model.Judged)),
            Shadow = request.Shadow,
            ReleaseFloor = request.ReleaseFloor,
            Variants = [.. models.Variants.Select(v => WriteVariant(package, v.Model))],
            Labels = labels,
            Golden = golden,
            Reference = reference,
            Report = report,
            Advice = advice,
            Files = [labels, reference, .. goldenFiles],
            Unproven = reasons.Count == 0 ? null : string.Join(" ", reasons),
        };

        var bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, WireJson.Indented.Manifest);
        CheckReadable(bytes);
        var file = package.Add("manifest.json", bytes);
        return (manifest, new PackageRef { Name = manifest.Name, Version = manifest.Version, Digest = file.Digest, Size = file.Size });
    }

    private (FileRef Golden, IReadOnlyList<FileRef> Files) WriteGolden(PackageWriter package)
    {
        var isImage = specs.Input.Kind == "image";
        var answered = measured.Validation.Where(a => a.Answers[0].Kept is not null).ToList();
        if (answered.Count == 0) throw new PackException($"{models.Names[0]} answers every validation sample with a value that is not a number.");
        var itemBytes = isImage ? (long)answered.Average(a => new FileInfo(a.File.Path).Length) : (long)specs.Input.Elements * sizeof(float);
        var chosen = GoldenPicker.Pick(answered, specs.Output, itemBytes);
        var good = models.Variants.Where((_, i) => measured.Report.Variants[i].Refused is null).Select(v => v.Index);
        var limits = GoldenPicker.Limits(chosen, good, specs.Output);
        return GoldenWriter.Write(package, ISampleReader.For(specs.Input), isImage, chosen, limits);
    }

    private static Variant WriteVariant(PackageWriter package, PackedModel model) => new()
    {
        Name = model.Judged.Variant,
        File = package.Add($"variants/{model.Judged.Variant}.onnx", model.Bytes),
        Opset = model.Opset,
        Provider = model.Provider,
    };

    private Lineage LineageOf() => new()
    {
        Source = models.All[0].Judged.File,
        SourceDigest = models.All[0].Digest,
        Data = data.Describe(),
        DataDigest = DigestOfData(),
        Tools = $"edgefleet {VersionOf(typeof(PackageBuilder))}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}",
        Teacher = request.Teacher ?? models.All.Select(m => m.Teacher).FirstOrDefault(t => t is not null),
    };

    private Sha256Digest DigestOfData()
    {
        var lines = data.Files.Where(f => File.Exists(f.Path))
            .Select(f => $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f.Path)))} {f.Label} {f.Split}\n")
            .Order(StringComparer.Ordinal);
        return Sha256Digest.Of(Encoding.ASCII.GetBytes(string.Concat(lines)));
    }

    private IReadOnlyList<AlertRule> ProposedAlerts() =>
        [.. specs.Output.Labels.Where(l => !NothingFound.Contains(l.ToLowerInvariant())).Select(l => new AlertRule { Id = IdOf(l), Label = l })];

    private static string IdOf(string label)
    {
        var plain = new string([.. label.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]).Trim('-');
        return plain.Length is > 0 and <= 63 ? plain : $"label-{Sha256Digest.Of(Encoding.UTF8.GetBytes(label)).Short}";
    }

    private static string VersionOf(Type type) => type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    // The reader that boards use is the judge of what was written, before anything is kept.
    private static void CheckReadable(byte[] manifest)
    {
        try
        {
            ManifestReader.Read(manifest);
        }
        catch (ManifestException faulty)
        {
            throw new PackException(faulty.Message, faulty);
        }
    }
}
