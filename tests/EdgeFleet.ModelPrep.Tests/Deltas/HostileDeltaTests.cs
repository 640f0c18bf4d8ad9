using System.IO.Compression;
using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ModelPrep.Tests.Deltas;

public sealed class HostileDeltaTests : IDisposable
{
    private static readonly byte[] Before = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 7))];
    private static readonly byte[] After = [.. Before.Skip(100).Concat(Before.Take(100)).Select((b, i) => i is 700 or 3000 ? (byte)(b + 1) : b)];
    private readonly DeltaBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_delta_changed_in_any_byte_never_gives_another_file()
    {
        var delta = DeltaMaker.Make(Before, After);
        for (var at = 0; at < delta.Length; at++)
        {
            var spoiled = (byte[])delta.Clone();
            spoiled[at] ^= 0x5A;
            try
            {
                Assert.Equal(After, _bench.Apply(Before, spoiled));
            }
            catch (DeltaException)
            {
                // Refused by name; a bit of Brotli's that means nothing may pass.
            }
        }
    }

    [Fact]
    public void One_that_is_cut_off_or_goes_on_is_refused()
    {
        var delta = DeltaMaker.Make(Before, After);

        Assert.Equal(DeltaFault.NotADelta, _bench.FaultOf(Before, []));
        Assert.Equal(DeltaFault.NotADelta, _bench.FaultOf(Before, delta[..50]));
        Assert.Equal(DeltaFault.NotADelta, _bench.FaultOf(Before, After));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, delta[..^1]));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, [.. delta, 0]));
    }

    [Fact]
    public void Another_file_before_is_told_before_anything_is_built()
    {
        var delta = DeltaMaker.Make(Before, After);

        Assert.Equal(DeltaFault.WrongBase, _bench.FaultOf(After, delta));
        Assert.Equal(DeltaFault.WrongBase, _bench.FaultOf(Before[..^1], delta));
    }

    [Fact]
    public void A_file_larger_than_is_wanted_is_not_built() =>
        Assert.Equal(DeltaFault.TooLarge, _bench.FaultOf(Before, DeltaMaker.Make(Before, After), bytesMax: After.Length - 1));

    [Theory]
    [InlineData(-1, 100, 0)]
    [InlineData(4950, 51, 0)]
    [InlineData(5001, 1, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 5001, 0)]
    [InlineData(0, 100, 3)]
    [InlineData(0, 100, 32)]
    [InlineData(0, 101, 5)]
    public void Steps_that_reach_out_of_a_file_or_are_none_are_refused(int baseAt, int bytes, int form)
    {
        var steps = new List<byte>();
        new DeltaStep(DeltaStepKind.Copy, bytes, baseAt).Write(steps, 0);
        steps[0] = (byte)form;

        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta(steps, [], [], [])));
    }

    [Fact]
    public void A_number_without_an_end_is_refused() =>
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta([0, .. Enumerable.Repeat((byte)0xFF, 40)], [], [], [])));

    [Fact]
    public void Sections_longer_or_shorter_than_the_steps_need_are_refused()
    {
        var steps = new List<byte>();
        new DeltaStep(DeltaStepKind.Fresh, 5000).Write(steps, 0);

        Assert.Equal(DeltaFault.WrongResult, _bench.FaultOf(Before, Delta(steps, [], [], new byte[5000])));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta(steps, [], [], new byte[4999])));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta(steps, [], [], new byte[5001])));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta(steps, [1], [], new byte[5000])));
    }

    [Fact]
    public void A_mask_beyond_its_step_is_refused()
    {
        var steps = new List<byte>();
        new DeltaStep(DeltaStepKind.Fresh, 4999, IsMasked: true).Write(steps, 0);
        new DeltaStep(DeltaStepKind.Fresh, 1).Write(steps, 0);

        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta(steps, [.. new byte[624], 0x80], [], [1, 1])));
    }

    [Fact]
    public void Brotli_that_unpacks_to_more_than_is_declared_is_refused_without_being_unpacked()
    {
        var steps = new List<byte>();
        new DeltaStep(DeltaStepKind.Fresh, 5000).Write(steps, 0);
        var bomb = Packed(new byte[200_000_000]);
        var allocated = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Delta([Packed([.. steps]), [], [], bomb], [steps.Count, 0, 0, 5000])));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 4 * 1024 * 1024);
    }

    [Fact]
    public void Brotli_without_an_end_without_sense_or_with_a_wide_window_is_refused()
    {
        var steps = new List<byte>();
        new DeltaStep(DeltaStepKind.Fresh, 5000).Write(steps, 0);
        var fresh = Packed(new byte[5000]);
        byte[] Given(byte[] section) => Delta([Packed([.. steps]), [], [], section], [steps.Count, 0, 0, 5000]);

        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Given(fresh[..^1])));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Given([.. fresh, 1, 2, 3])));
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Given([])));
        Assert.Equal(DeltaFault.TooLarge, _bench.FaultOf(Before, Given(Packed(new byte[5000], window: 24))));
        // Metablocks that hold nothing, for ever: each takes bytes, and those come to an end.
        Assert.Equal(DeltaFault.Malformed, _bench.FaultOf(Before, Given([0x06, .. Enumerable.Repeat((byte)0x06, 100_000)])));
    }

    private static byte[] Delta(List<byte> steps, byte[] masks, byte[] differences, byte[] fresh) =>
        Delta([Packed([.. steps]), Packed(masks), Packed(differences), Packed(fresh)], [steps.Count, masks.Length, differences.Length, fresh.Length]);

    private static byte[] Delta(byte[][] packed, int[] plain) =>
    [
        .. new DeltaHeader
        {
            Base = Sha256Digest.Of(Before),
            BaseBytes = Before.Length,
            Target = Sha256Digest.Of(After),
            TargetBytes = After.Length,
            Sections = [.. packed.Zip(plain, (p, length) => new DeltaSectionSize(p.Length, length))],
        }.Write(),
        .. packed.SelectMany(p => p),
    ];

    private static byte[] Packed(byte[] plain, int window = DeltaSections.WindowBitsMax)
    {
        if (plain.Length == 0)
            return [];
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        Assert.True(BrotliEncoder.TryCompress(plain, packed, out var length, 5, window));
        return packed[..length];
    }
}
