using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Writes a package into a folder beside its place and renames it at the end: there is a whole package or none.</summary>
internal sealed class PackageWriter : IDisposable
{
    private readonly string _target;
    private readonly string _temporary;

    /// <summary>Begins a package.</summary>
    /// <exception cref="PackException">The folder exists and is not empty.</exception>
    public PackageWriter(string target)
    {
        _target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        if (File.Exists(_target) || (Directory.Exists(_target) && Directory.EnumerateFileSystemEntries(_target).Any()))
            throw new PackException($"{target} exists already. Choose another --out or remove it first.");
        _temporary = $"{_target}.packing-{Guid.NewGuid():n}";
        Directory.CreateDirectory(_temporary);
    }

    /// <summary>Adds a file.</summary>
    /// <exception cref="IOException">The disk is full, or files end below this size there.</exception>
    public FileRef Add(string path, ReadOnlySpan<byte> content)
    {
        var place = Path.Combine(_temporary, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        try
        {
            File.WriteAllBytes(place, content);
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            // What .NET makes of EFBIG: a file system or a limit of the process that ends below this size.
            throw new IOException($"{path} of {content.Length} bytes is larger than a file may be there.", tooLarge);
        }

        return new FileRef { Path = path, Digest = Sha256Digest.Of(content), Size = content.Length };
    }

    /// <summary>Adds a JSON file.</summary>
    public FileRef Add<T>(string path, T value, JsonTypeInfo<T> type) => Add(path, JsonSerializer.SerializeToUtf8Bytes(value, type));

    /// <summary>Puts the package in its place.</summary>
    public void Finish()
    {
        if (Directory.Exists(_target)) Directory.Delete(_target);
        Directory.Move(_temporary, _target);
    }

    /// <summary>Removes what was not finished.</summary>
    public void Dispose()
    {
        if (Directory.Exists(_temporary)) Directory.Delete(_temporary, recursive: true);
    }
}
