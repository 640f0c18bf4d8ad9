using System.Buffers.Binary;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Writes the golden set: sources, tensors and <c>golden.json</c>.</summary>
internal static class GoldenWriter
{
    /// <summary>The reference to <c>golden.json</c>, and every file written.</summary>
    public static (FileRef Golden, IReadOnlyList<FileRef> Files) Write(
        PackageWriter package, ISampleReader reader, IReadOnlyList<Answered> chosen, (double LeastAgreement, double Tolerance) limits)
    {
        var items = new List<GoldenItem>();
        using var tensors = new MemoryStream();
        foreach (var (answered, index) in chosen.Select((a, i) => (a, i)))
        {
            var extension = Path.GetExtension(answered.File.Path).ToLowerInvariant();
            var source = package.Add($"golden/sources/{index:D3}{extension}", reader.Source(answered.File, answered.Window));
            items.Add(new GoldenItem { Source = source, Label = answered.Label, Expected = answered.Outputs[0] });
            tensors.Write(Bytes(reader.Read(answered.File).First(s => s.Window == answered.Window).Tensor));
        }

        var tensorFile = package.Add("golden/tensors.f32", tensors.GetBuffer().AsSpan(0, (int)tensors.Length));
        var set = new GoldenSet
        {
            Tensors = tensorFile,
            LeastAgreement = limits.LeastAgreement,
            ProbabilityTolerance = limits.Tolerance,
            Items = items,
        };
        var golden = package.Add("golden/golden.json", set, WireJson.Default.GoldenSet);
        // Two photos with the same content are one file to a store.
        return (golden, [golden, tensorFile, .. items.Select(i => i.Source!).DistinctBy(s => s.Digest)]);
    }

    private static byte[] Bytes(float[] tensor)
    {
        var bytes = new byte[tensor.Length * sizeof(float)];
        for (var i = 0; i < tensor.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), tensor[i]);
        return bytes;
    }
}
