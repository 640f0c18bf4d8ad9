using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Explaining;

namespace EdgeFleet.ModelPrep.Explaining;

/// <summary>An explained answer.</summary>
/// <param name="Model">The model.</param>
/// <param name="Label">The label asked about.</param>
/// <param name="Map">Where the answer rests.</param>
/// <param name="Photo">The photo, for drawing.</param>
public sealed record Explanation(string Model, string Label, OcclusionMap Map, PixelBuffer Photo)
{
    /// <summary>What the map says, in a sentence.</summary>
    public string Sentence => Map.HasFocus
        ? FormattableString.Invariant($"{Model} {Verb} {Label} ({Map.Confidence:0.00}). That rests most on the {Map.StrongestPlace}: with it covered it is {Map.ConfidenceLeast:0.00}.")
        : FormattableString.Invariant($"{Model} {Verb} {Label} ({Map.Confidence:0.00}), whatever part is covered: that rests on no one part of this photo.");

    private string Verb => Map.IsAnswer ? "says" : "does not say";
}

/// <summary>Asks a model where in a photo its answer rests.</summary>
public static class ModelExplainer
{
    private const long BytesMax = 64 * 1024 * 1024;

    /// <summary>Explains.</summary>
    /// <exception cref="PackException">The photo or the model cannot be used.</exception>
    public static Explanation Explain(ExplainRequest request, IProgress<PackProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var photo = Photo(request.Image);
        var place = Place(request);
        if (place.Specs.Input.Kind != "image") throw new PackException($"{place.Name} takes windows of readings. Only a model of photos can be asked where it looks.");
        var labels = place.Specs.Output.Labels;
        var label = request.Label is null ? (int?)null : LabelledData.LabelOf(request.Label, labels);
        if (label < 0) throw new PackException($"There is no label '{request.Label}'. Use one of {string.Join(", ", labels)}.");

        using var model = OpenedModel.Open(place);
        var map = new Occlusion(model.Session, place.Specs.Input, place.Specs.Output)
            .Map(photo, label, request.Cells, (done, total) => progress?.Report(new PackProgress(done, total, "cover part by part")), cancel)
            ?? throw new PackException($"{place.Name} finds {(request.Label is null ? "nothing" : $"no {request.Label}")} in {request.Image}, so there is nothing to explain.");
        return new Explanation(place.Name, labels[map.Label], map, photo);
    }

    private static ModelPlace Place(ExplainRequest request)
    {
        var places = ModelPlace.Find([request.Model], request);
        if (request.Variant is null) return places is [var first, ..] ? first : throw new PackException($"{request.Model} has no variant for CPUs.");
        return places.FirstOrDefault(p => p.Name.EndsWith("/" + request.Variant, StringComparison.Ordinal))
            ?? throw new PackException($"{request.Model} has no variant '{request.Variant}' for CPUs; it has {string.Join(", ", places.Select(p => p.Name))}.");
    }

    private static PixelBuffer Photo(string path)
    {
        if (!File.Exists(path)) throw new PackException($"The photo {path} does not exist.");
        if (new FileInfo(path).Length > BytesMax) throw new PackException($"{path} has more than {BytesMax} bytes.");
        var photo = new PixelBuffer();
        try
        {
            ImageDecoder.Decode(File.ReadAllBytes(path), photo);
            return photo;
        }
        catch (ImageException broken)
        {
            throw new PackException($"{path} cannot be read: {broken.Message}", broken);
        }
    }
}
