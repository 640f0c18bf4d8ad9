using System.Runtime.InteropServices;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Writes the golden set: <c>golden.json</c> and sources; of windows also the tensors, which of photos every board prepares itself.</summary>
internal static class GoldenWriter
{
    /// <summary>The reference to <c>golden.json</c>, and every file written.</summary>
    public static (FileRef Golden, IReadOnlyList<FileRef> Files) Write(
        PackageWriter package, ISampleReader reader, bool isImage, IReadOnlyList<Answered> chosen, (double LeastAgreement, double Tolerance) limits)
    {
        var items = new List<GoldenItem>();
        using var tensors = new MemoryStream();
        foreach (var (answered, index) in chosen.Select((a, i) => (a, i)))
        {
            var extension = Path.GetExtension(answered.File.Path).ToLowerInvariant();
            var source = package.Add($"golden/sources/{index:D3}{extension}", reader.Source(answered.File, answered.Window));
            var tensor = reader.Read(answered.File).First(s => s.Window == answered.Window).Tensor;
            if (!isImage) tensors.Write(MemoryMarshal.AsBytes(tensor.AsSpan()));
            var expected = answered.Answers[0].Kept!;
            items.Add(new GoldenItem
            {
                Source = source,
                Prepared = isImage ? GoldenInputs.Describe(tensor) : null,
                Label = answered.Label,
                Expected = expected.Outputs,
                Boxes = expected.Boxes,
                Score = expected.Score,
            });
        }

        var tensorFile = isImage ? null : package.Add("golden/tensors.f32", tensors.GetBuffer().AsSpan(0, (int)tensors.Length));
        var set = new GoldenSet
        {
            Tensors = tensorFile,
            LeastAgreement = limits.LeastAgreement,
            ProbabilityTolerance = limits.Tolerance,
            Items = items,
        };
        var golden = package.Add("golden/golden.json", set, WireJson.Default.GoldenSet);
        // Two photos with the same content are one file to a store.
        return (golden, [golden, .. tensorFile is null ? [] : new[] { tensorFile }, .. items.Select(i => i.Source!).DistinctBy(s => s.Digest)]);
    }
}
