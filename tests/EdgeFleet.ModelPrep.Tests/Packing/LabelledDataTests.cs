using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class LabelledDataTests
{
    private static readonly string[] Labels = ["health", "rust", "2_spots"];

    [Fact]
    public void Folders_give_splits_and_labels_with_or_without_numbers()
    {
        using var folder = new TempFolder();
        foreach (var path in new[] { "train/1_health/b.jpg", "train/1_health/a.JPG", "validation/rust/c.png", "test/2_spots/d.csv", "test/2_spots/notes.txt" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[path])!);
            File.WriteAllText(folder[path], "");
        }

        var data = LabelledData.Open(folder.Path, Labels);

        Assert.Equal(["test/2_spots/d.csv", "train/1_health/a.JPG", "train/1_health/b.jpg", "val/rust/c.png"], data.Files.Select(f => f.Name));
        Assert.Equal([2, 0, 0, 1], data.Files.Select(f => f.Label));
        Assert.EndsWith(": train 2, val 1, test 1", data.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_gives_files_beside_it()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["other.csv"], "id,severity\n1,2\n");
        File.WriteAllText(folder["split.csv"], "file,class,label_index,split\n\"photos/a, b.jpg\",health,0,train\nphotos/c.jpg,1,1,val\n");

        var data = LabelledData.Open(folder.Path, Labels);

        Assert.Equal(["photos/a, b.jpg", "photos/c.jpg"], data.Files.Select(f => f.Name));
        Assert.Equal(folder["photos", "c.jpg"], data.Of("val")[0].Path);
        Assert.Equal(1, data.Of("val")[0].Label);
    }

    [Theory]
    [InlineData("file,split\na.jpg,val\n", "label or class")]
    [InlineData("class\nrust\n", "file and split")]
    [InlineData("file,class,split\na.jpg,mould,val\n", "'mould'")]
    [InlineData("file,class,split\na.jpg,rust,later\n", "'later'")]
    [InlineData("file,class,split\na.jpg\n", "line 2")]
    public void A_table_that_lacks_something_says_what(string text, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["split.csv"], text);

        var refused = Assert.Throws<PackException>(() => LabelledData.Open(folder["split.csv"], Labels));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_without_a_label_and_an_empty_folder_are_said()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["data", "val", "7_mould"]);
        Directory.CreateDirectory(folder["empty"]);

        Assert.Contains("7_mould", Assert.Throws<PackException>(() => LabelledData.Open(folder["data"], Labels)).Message, StringComparison.Ordinal);
        Assert.Contains("neither folders", Assert.Throws<PackException>(() => LabelledData.Open(folder["empty"], Labels)).Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<PackException>(() => LabelledData.Open(folder["absent"], Labels)).Message, StringComparison.Ordinal);
    }
}
