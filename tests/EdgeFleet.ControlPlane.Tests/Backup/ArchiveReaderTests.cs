using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using EdgeFleet.ControlPlane.Backup;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;

namespace EdgeFleet.ControlPlane.Tests.Backup;

/// <summary>An archive is refused whole unless every byte of it is as its index says.</summary>
public sealed class ArchiveReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_whole_one_is_unpacked()
    {
        var index = await UnpackAsync(Archive());
        Assert.Equal(3, index.Files.Count);
        Assert.Equal("secret", await File.ReadAllTextAsync(_folder["into", "signing.key"], Cancel));
    }

    [Fact]
    public async Task One_that_is_cut_anywhere_is_refused()
    {
        var whole = Archive();
        // The last blocks of a tar are empty: what is cut there is missed by nobody.
        var ends = Enumerable.Range(0, (whole.Length - 1024) / 97).Select(i => i * 97).Where(i => i < whole.Length - 1024 - 512);
        foreach (var length in ends)
            await Assert.ThrowsAsync<BackupException>(() => UnpackAsync(whole[..length]));
    }

    [Fact]
    public async Task A_changed_byte_of_any_file_is_found()
    {
        var whole = Archive();
        foreach (var content in new[] { "database", "secret", "picture" })
        {
            var spoilt = whole.ToArray();
            spoilt[spoilt.AsSpan().IndexOf(Encoding.ASCII.GetBytes(content))] ^= 1;
            Assert.Contains("is damaged", (await Assert.ThrowsAsync<BackupException>(() => UnpackAsync(spoilt))).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("../evil", TarEntryType.RegularFile)]
    [InlineData("blobs/../../evil", TarEntryType.RegularFile)]
    [InlineData("/etc/evil", TarEntryType.RegularFile)]
    [InlineData("blobs/link", TarEntryType.SymbolicLink)]
    [InlineData("blobs/device", TarEntryType.CharacterDevice)]
    [InlineData("evil", TarEntryType.RegularFile)]
    public async Task An_entry_that_no_backup_has_is_refused_and_written_nowhere(string name, TarEntryType type)
    {
        var entry = new PaxTarEntry(type, name);
        if (type == TarEntryType.SymbolicLink)
            entry.LinkName = "/etc/passwd";
        var archive = Archive(tar => tar.WriteEntry(entry));
        Assert.Contains("that no backup has", (await Assert.ThrowsAsync<BackupException>(() => UnpackAsync(archive))).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories), p => Path.GetFileName(p) is "evil" or "link" or "device");
    }

    [Fact]
    public async Task A_file_that_the_index_does_not_name_and_one_that_is_missing_are_refused()
    {
        var more = Archive(tar => Add(tar, "blobs/more", "more"));
        Assert.Contains("its index does not name", (await Assert.ThrowsAsync<BackupException>(() => UnpackAsync(more))).Message, StringComparison.Ordinal);
        var fewer = Archive(index: i => i with { Files = [.. i.Files, new BackupFile("blobs/gone", 1, new string('0', 64))] });
        Assert.Contains("lacks blobs/gone", (await Assert.ThrowsAsync<BackupException>(() => UnpackAsync(fewer))).Message, StringComparison.Ordinal);
        var later = Archive(index: i => i with { Format = 2 });
        Assert.Contains("has form 2", (await Assert.ThrowsAsync<BackupException>(() => UnpackAsync(later))).Message, StringComparison.Ordinal);
    }

    private async Task<BackupIndex> UnpackAsync(byte[] archive)
    {
        if (Directory.Exists(_folder["into"]))
            Directory.Delete(_folder["into"], recursive: true);
        Directory.CreateDirectory(_folder["into"]);
        return await ArchiveReader.UnpackAsync(new MemoryStream(archive), _folder["into"], Cancel);
    }

    private static byte[] Archive(Action<TarWriter>? more = null, Func<BackupIndex, BackupIndex>? index = null)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            BackupFile[] files = [Add(tar, "fleet.db", "database"), Add(tar, "signing.key", "secret"), Add(tar, "blobs/photo", "picture")];
            more?.Invoke(tar);
            var made = new BackupIndex { Format = 1, Made = DateTimeOffset.UnixEpoch, Program = "0.1.0", Provider = "sqlite", Migrations = [], Files = files };
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(index?.Invoke(made) ?? made, BackupJson.Default.BackupIndex));
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, BackupIndex.EntryName) { DataStream = json });
        }

        return bytes.ToArray();
    }

    private static BackupFile Add(TarWriter tar, string name, string content)
    {
        var bytes = Encoding.ASCII.GetBytes(content);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        return new BackupFile(name, bytes.Length, Sha256Digest.Of(bytes).Value);
    }
}
