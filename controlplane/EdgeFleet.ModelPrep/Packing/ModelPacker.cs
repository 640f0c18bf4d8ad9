using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>
/// Makes a package of a model and data: golden set, reference, report, budgets, manifest. A variant that disagrees with its
/// float model is refused. The same input gives the same bytes; only <c>latency.json</c>, which the manifest does not name, differs.
/// </summary>
public static class ModelPacker
{
    /// <summary>Packs.</summary>
    /// <returns><see cref="PackResult.Packed"/>, or <see cref="PackResult.Refused"/> with nothing written.</returns>
    /// <exception cref="PackException">The input cannot be used; nothing was written.</exception>
    public static PackResult Pack(PackRequest request, IProgress<PackProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckNames(request);
        try
        {
            using var package = new PackageWriter(request.Out);
            var specs = PackSpecs.For(request);
            var data = LabelledData.Open(request.Data, specs.Output.Labels, request.Task);
            CheckData(data, request.Data, request.Task);

            using var models = PackModels.Load(request, specs);
            specs = ThresholdFinder.Settle(specs, request, data, models, cancel);
            var measured = PackMeasurement.Take(request, specs, data, models, progress, cancel);
            if (FloatCheck.Fault(measured.Validation, specs, models.Names[0]) is { } wrong && !request.AllowUnproven) throw new PackException(wrong);
            var reasons = measured.Report.Variants.Where(v => v.Refused is not null).Select(v => v.Refused!).ToList();
            if (reasons.Count > 0 && !request.AllowUnproven) return new PackResult.Refused(reasons) { Report = measured.Report };

            var (manifest, reference) = new PackageBuilder(request, specs, data, models, measured).Write(package);
            package.Finish();
            return new PackResult.Packed(Path.GetFullPath(request.Out), manifest, reference, measured.Latency, PackAdvisor.Warnings(data, models, measured))
            {
                Report = measured.Report,
            };
        }
        catch (Exception failed) when (failed is OnnxFileException or IOException or UnauthorizedAccessException)
        {
            throw new PackException($"Packing {request.Name} {request.Version} into {request.Out} failed: {failed.Message}", failed);
        }
    }

    private static void CheckNames(PackRequest request)
    {
        if (!Names.IsDnsLabel(request.Name, 2, 63))
            throw new PackException($"The name '{request.Name}' cannot be used. Use 2 to 63 of a-z, 0-9 and '-', beginning with a letter or digit.");
        if (!Names.IsVersion(request.Version))
            throw new PackException($"The version '{request.Version}' cannot be used. Write it like 2.0.1 or 2.1.0-rc.1.");
        if (request.AgreementMin is not (>= 0 and <= 1))
            throw new PackException($"The least agreement {request.AgreementMin} is no share. Give a number from 0 to 1.");
        if (request.AccuracyLossMax is not (>= 0 and <= 1))
            throw new PackException($"The accuracy that may be lost, {request.AccuracyLossMax}, is no share. Give a number from 0 to 1.");
    }

    /// <summary>Whether models can be compared on the data.</summary>
    /// <exception cref="PackException">No validation split, or one class only.</exception>
    internal static void CheckData(LabelledData data, string path, string task)
    {
        var validation = data.Of("val");
        if (validation.Count == 0)
            throw new PackException($"{path} has no validation split ({data.Describe()}). Put labelled files into val/CLASS/, or rows with split val into the table.");
        if (task == ModelTask.ObjectDetection) return;
        if (validation.Select(f => f.Label).Distinct().Count() < 2)
            throw new PackException($"The validation split of {path} has files of one class only. With one class nothing can be compared; add the others.");
    }
}
