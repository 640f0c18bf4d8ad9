using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Inference;

/// <summary>Real photos through a running slot, with the real models.</summary>
public sealed class CoffeeTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("float", 0.879)]
    [InlineData("int8_qdq", 0.863)]
    [InlineData("int8_collapsed", 0.200)]
    public async Task The_test_photos_score_as_published(string served, double accuracy)
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        await using var bench = new SlotBench(queueLength: 1000);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Coffee("1.0.0", served)), Cancel);
        await bench.StartAsync();

        // Folders are named 1_health to 5_cercospora, in the order of the labels.
        var photos = Directory.EnumerateFiles(Path.Combine(RealData.Folder!, "coffee-leaf", "symptom", "test"), "*.jpg", SearchOption.AllDirectories).ToList();
        foreach (var photo in photos)
            bench.Host.Queue.Offer(bench.Image(await File.ReadAllBytesAsync(photo, Cancel), photo));
        await bench.Results.WhenAsync(photos.Count);

        var right = bench.Results.All.Count(r => Path.GetFileName(Path.GetDirectoryName(r.Origin))![0] - '1' == r.Label);
        Assert.Equal(190, photos.Count);
        Assert.All(bench.Results.All, r => Assert.Null(r.Error));
        Assert.Equal(accuracy, right / 190.0, 0.02);
    }
}
