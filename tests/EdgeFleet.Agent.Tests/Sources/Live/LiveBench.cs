using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Sources.Live;

/// <summary>A stream's parts without a stream.</summary>
internal sealed class LiveBench
{
    public LiveBench(int length = 2, int stride = 0, IReadOnlyList<string>? lineColumns = null, params string[] columns)
    {
        Latest = new LatestFrame(TimeProvider.System, TimeSpan.FromMinutes(1), Counters);
        Gatherer = new WindowGatherer(new ReadingOptions(lineColumns ?? [], stride), Latest, Counters);
        if (columns.Length > 0)
            Gatherer.Want(TestPackageSpec.Series(length: length, columns: columns).Input);
    }

    public SourceCounters Counters { get; } = new();

    public LatestFrame Latest { get; }

    public WindowGatherer Gatherer { get; }

    /// <summary>The newest frame, which must be there already.</summary>
    public async Task<LiveFrame> FrameAsync()
    {
        var taken = Latest.TakeAsync(TestContext.Current.CancellationToken);
        Assert.True(taken.IsCompleted, "no frame is there");
        return (await taken).Frame!;
    }

    /// <summary>The newest frame's bytes.</summary>
    public async Task<byte[]> BytesAsync() => (await FrameAsync()).Bytes.ToArray();

    /// <summary>The newest window's values.</summary>
    public async Task<float[]> ValuesAsync() => (await FrameAsync()).Values.ToArray();
}
