using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;

namespace EdgeFleet.Shared.Tests.Files;

public sealed class DurableFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_replaced_whole_with_its_mode_and_leaves_nothing_beside_it()
    {
        var path = _folder["key"];
        DurableFile.Replace(path, "old"u8);
        DurableFile.Replace(path, "new"u8, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_cannot_be_written_leaves_the_old_and_names_the_file()
    {
        var e = Assert.Throws<IOException>(() => DurableFile.Replace(_folder["absent", "file"], "x"u8));
        Assert.Contains("absent/file was not written", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_content_store_takes_only_what_has_the_digest()
    {
        var store = new ContentStore(_folder["store"]);
        var digest = Sha256Digest.Of("abc"u8);
        var cancel = TestContext.Current.CancellationToken;

        Assert.Contains("not " + digest, await store.AddAsync(digest, new MemoryStream([1, 2]), 10, cancel), StringComparison.Ordinal);
        Assert.Contains("larger than 2", await store.AddAsync(digest, new MemoryStream("abc"u8.ToArray()), 2, cancel), StringComparison.Ordinal);
        Assert.False(store.Has(digest));
        Assert.Null(await store.AddAsync(digest, new MemoryStream("abc"u8.ToArray()), 3, cancel));
        Assert.Equal([digest], store.All());
        Assert.Empty(Directory.GetFiles(_folder["store", "incoming"]));
    }

    [Fact]
    public async Task A_gathered_file_with_a_changed_byte_is_thrown_away()
    {
        var store = new ContentStore(_folder["store"]);
        var digest = Sha256Digest.Of("abc"u8);
        await File.WriteAllTextAsync(store.IncomingPathOf(digest), "abd", TestContext.Current.CancellationToken);
        Assert.Contains("SHA-256", await store.AdoptIncomingAsync(digest, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(File.Exists(store.IncomingPathOf(digest)));
        Assert.False(store.Has(digest));
    }
}
