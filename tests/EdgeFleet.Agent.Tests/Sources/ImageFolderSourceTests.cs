using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Sources;

public sealed class ImageFolderSourceTests
{
    private static readonly InputSpec Pictures = TestPackageSpec.Colours().Input;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_come_by_name_and_begin_again_with_what_is_new()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["b.PNG"], [2]);
        File.WriteAllBytes(folder["a.jpg"], [1]);
        File.WriteAllText(folder["notes.txt"], "");
        using var source = new ImageFolderSource(Options(folder, loop: true));

        Assert.Equal(["a.jpg", "b.PNG"], [await NameAsync(source), await NameAsync(source)]);
        File.WriteAllBytes(folder["c.jpeg"], [3]);

        Assert.Equal(["a.jpg", "b.PNG", "c.jpeg"], [await NameAsync(source), await NameAsync(source), await NameAsync(source)]);
    }

    [Fact]
    public async Task Without_a_loop_it_ends_after_the_last_file()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["a.jpg"], [1]);
        using var source = new ImageFolderSource(Options(folder, loop: false));

        Assert.Equal("a.jpg", await NameAsync(source));
        Assert.Equal(SourceOutcome.Ended, await source.ReadAsync(Pictures, new Sample(), Cancel));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_or_is_too_large_is_faulty_and_the_next_comes()
    {
        using var folder = new TempFolder();
        File.CreateSymbolicLink(folder["a.jpg"], folder["nowhere"]);
        using (var large = File.Create(folder["b.jpg"]))
            large.SetLength(ImageFolderSource.BytesMax + 1);
        File.WriteAllBytes(folder["c.jpg"], [1]);
        using var source = new ImageFolderSource(Options(folder, loop: true));

        var absent = await SampleAsync(source, SampleKind.Fault);
        var oversized = await SampleAsync(source, SampleKind.Fault);

        Assert.Equal(("a.jpg", "b.jpg"), (absent.Origin, oversized.Origin));
        Assert.Contains("at most", oversized.Fault, StringComparison.Ordinal);
        Assert.Equal("c.jpg", await NameAsync(source));
    }

    [Fact]
    public async Task A_folder_that_vanishes_stalls_and_comes_back_by_itself()
    {
        using var parent = new TempFolder();
        var options = new ImageFolderOptions(parent["photos"]);
        using var source = new ImageFolderSource(options);
        Directory.CreateDirectory(options.Folder);
        Assert.Contains("no .jpg", (await source.ReadAsync(Pictures, new Sample(), Cancel)).Why, StringComparison.Ordinal);
        File.WriteAllBytes(Path.Combine(options.Folder, "a.jpg"), [1]);
        File.WriteAllBytes(Path.Combine(options.Folder, "b.jpg"), [1]);
        Assert.Equal("a.jpg", await NameAsync(source));

        Directory.Move(options.Folder, parent["elsewhere"]);
        Assert.Contains("is not there", (await source.ReadAsync(Pictures, new Sample(), Cancel)).Why, StringComparison.Ordinal);
        Directory.Move(parent["elsewhere"], options.Folder);

        Assert.Equal("a.jpg", await NameAsync(source));
    }

    [Fact]
    public async Task A_model_of_another_kind_is_named()
    {
        using var folder = new TempFolder();
        using var source = new ImageFolderSource(Options(folder, loop: true));

        var stalled = await source.ReadAsync(TestPackageSpec.Series().Input, new Sample(), Cancel);

        Assert.Contains("takes series", stalled.Why, StringComparison.Ordinal);
    }

    private static ImageFolderOptions Options(TempFolder folder, bool loop) => new(folder.Path, loop);

    private static async Task<string> NameAsync(ImageFolderSource source) => (await SampleAsync(source, SampleKind.Image)).Origin;

    private static async Task<Sample> SampleAsync(ImageFolderSource source, SampleKind kind)
    {
        var sample = new Sample();
        Assert.Equal(SourceOutcomeKind.Sample, (await source.ReadAsync(Pictures, sample, Cancel)).Kind);
        Assert.Equal(kind, sample.Kind);
        return sample;
    }
}
