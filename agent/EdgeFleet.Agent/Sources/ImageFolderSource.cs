using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources;

/// <summary>JPEG and PNG files of a folder in the order of their names. The folder is listed anew at each pass, so files that came or went are noticed.</summary>
internal sealed class ImageFolderSource(SourceOptions options) : ISampleSource
{
    /// <summary>Largest file that is read; a camera's photo has a tenth of it.</summary>
    public const long BytesMax = 32 * 1024 * 1024;

    private IReadOnlyList<string> _files = [];
    private int _next;
    private bool _passed;

    /// <inheritdoc/>
    public async ValueTask<SourceReading> ReadAsync(InputSpec input, CancellationToken cancel)
    {
        if (input.Kind != "image")
            return new SourceReading.Stalled($"The slot's source gives images, and the model takes {input.Kind}.", "Put an image model into this slot, or give the slot another source.");
        if (!Directory.Exists(options.Folder))
            return Gone();

        if (_next == _files.Count && BeginPass() is { } nothing)
            return nothing;

        var path = _files[_next++];
        _passed = _next == _files.Count;
        return await ReadFileAsync(path, cancel);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private SourceReading? BeginPass()
    {
        if (_passed && !options.Loop)
            return new SourceReading.Ended();

        try
        {
            _files = [.. Directory.EnumerateFiles(options.Folder).Where(IsImage).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SourceReading.Stalled($"The folder {options.Folder} cannot be listed: {e.Message}", "Check the mount and that the agent's user may read the folder.");
        }

        _next = 0;
        return _files.Count > 0 ? null : new SourceReading.Stalled($"The folder {options.Folder} holds no .jpg, .jpeg or .png file.", "Check that the camera still writes there.");
    }

    private static async Task<SourceReading> ReadFileAsync(string path, CancellationToken cancel)
    {
        var name = Path.GetFileName(path);
        try
        {
            var length = new FileInfo(path).Length;
            return length > BytesMax
                ? new SourceReading.Faulty(name, $"It has {length} bytes; at most {BytesMax} are read.")
                : new SourceReading.Image(name, await File.ReadAllBytesAsync(path, cancel));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SourceReading.Faulty(name, $"It cannot be read: {e.Message}");
        }
    }

    private SourceReading.Stalled Gone()
    {
        (_files, _next, _passed) = ([], 0, false);
        return new SourceReading.Stalled($"The folder {options.Folder} is gone.", "Check the mount or the card; reading goes on by itself once the folder is back.");
    }

    private static bool IsImage(string path) => Path.GetExtension(path).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG";
}
