using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Identity;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Deltas;

/// <summary>A part of the file after and the part of the file before that it is made from.</summary>
/// <param name="At">First byte in the file after.</param>
/// <param name="BaseAt">First byte in the file before.</param>
/// <param name="Bytes">Bytes of both.</param>
/// <param name="Width">Bytes of a number in it.</param>
internal readonly record struct AlignedRange(int At, int BaseAt, int Bytes, int Width)
{
    /// <summary>Where it ends in the file after.</summary>
    public int End => At + Bytes;
}

/// <summary>Which tensor of the file before stands for which of the file after: the one of its name, else one of its content, else the next of its type and size. Pure.</summary>
internal static class TensorPairs
{
    /// <summary>The pairs, in the order of the file after.</summary>
    public static IReadOnlyList<AlignedRange> Of(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var olds = TensorMap.Of(before.Span);
        var pairs = new List<AlignedRange>();
        var open = TensorMap.Of(after.Span).ToList();
        var free = new HashSet<TensorPlace>(olds);

        Pair((_, t) => t.Name);
        Pair((file, t) => DigestOf(file, t).Value);
        Pair((_, _) => "any");
        return [.. pairs.OrderBy(p => p.At)];

        // By type, size and a word; a tensor without the word is left for later.
        void Pair(Func<ReadOnlyMemory<byte>, TensorPlace, string> wordOf)
        {
            var byKey = olds.Where(free.Contains).GroupBy(t => (t.Type, t.Bytes, wordOf(before, t))).ToDictionary(g => g.Key, g => new Queue<TensorPlace>(g));
            foreach (var tensor in open.ToList())
            {
                var key = (tensor.Type, tensor.Bytes, wordOf(after, tensor));
                if (key.Item3.Length == 0 || !byKey.TryGetValue(key, out var olders) || !olders.TryDequeue(out var old))
                    continue;

                free.Remove(old);
                open.Remove(tensor);
                pairs.Add(new AlignedRange(tensor.At, old.At, tensor.Bytes, WidthOf(tensor)));
            }
        }
    }

    private static Sha256Digest DigestOf(ReadOnlyMemory<byte> file, TensorPlace tensor) => Sha256Digest.Of(file.Span.Slice(tensor.At, tensor.Bytes));

    private static int WidthOf(TensorPlace tensor)
    {
        var width = Tensors.BytesOf((DataType)tensor.Type) ?? 1;
        return width <= 8 && tensor.Bytes % width == 0 ? width : 1;
    }
}
