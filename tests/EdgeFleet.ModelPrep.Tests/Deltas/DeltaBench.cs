using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Deltas;

/// <summary>Files before, deltas, and what they make.</summary>
internal sealed class DeltaBench : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>What a delta makes of a file.</summary>
    public byte[] Apply(byte[] before, byte[] delta, long bytesMax = DeltaHeader.FileBytesMax)
    {
        File.WriteAllBytes(_folder["before"], before);
        File.WriteAllBytes(_folder["delta"], delta);
        using var after = DeltaStream.OpenAsync(_folder["before"], _folder["delta"], bytesMax, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
        using var made = new MemoryStream();
        after.CopyTo(made);
        return made.ToArray();
    }

    /// <summary>What is wrong with a delta.</summary>
    public DeltaFault FaultOf(byte[] before, byte[] delta, long bytesMax = DeltaHeader.FileBytesMax) => Assert.Throws<DeltaException>(() => Apply(before, delta, bytesMax)).Fault;

    /// <summary>Makes a delta, applies it, and says how long it is.</summary>
    public int RoundTrip(byte[] before, byte[] after)
    {
        var delta = DeltaMaker.Make(before, after);
        Assert.Equal(after, Apply(before, delta));
        return delta.Length;
    }

    public void Dispose() => _folder.Dispose();
}
