using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Sources;

/// <summary>JPEG and PNG files of a folder in the order of their names. The folder is listed anew at each pass, so files that came or went are noticed.</summary>
internal sealed class ImageFolderSource(ImageFolderOptions options) : ISampleSource
{
    /// <summary>Largest file that is read; a camera's photo has a tenth of it.</summary>
    public const long BytesMax = 32 * 1024 * 1024;

    private IReadOnlyList<string> _files = [];
    private int _next;
    private bool _passed;

    /// <inheritdoc/>
    public async ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel)
    {
        if (input.Kind != "image")
            return SourceOutcome.Stalled($"The slot's source gives images, and the model takes {input.Kind}.", "Put an image model into this slot, or give the slot another source.");
        if (!Directory.Exists(options.Folder))
            return Gone();

        if (_next == _files.Count && BeginPass() is { } nothing)
            return nothing;

        var path = _files[_next++];
        _passed = _next == _files.Count;
        await ReadFileAsync(path, into, cancel);
        return SourceOutcome.Sample();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private SourceOutcome? BeginPass()
    {
        if (_passed && !options.Loop)
            return SourceOutcome.Ended;

        try
        {
            _files = [.. Directory.EnumerateFiles(options.Folder).Where(IsImage).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return SourceOutcome.Stalled($"The folder {options.Folder} cannot be listed: {e.Message}", "Check the mount and that the agent's user may read the folder.");
        }

        _next = 0;
        return _files.Count > 0 ? null : SourceOutcome.Stalled($"The folder {options.Folder} holds no .jpg, .jpeg or .png file.", "Check that the camera still writes there.");
    }

    private static async Task ReadFileAsync(string path, Sample into, CancellationToken cancel)
    {
        var origin = SampleOrigin.Named(Path.GetFileName(path));
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.Asynchronous);
            var length = RandomAccess.GetLength(file);
            if (length > BytesMax)
            {
                into.GiveFault($"It has {length} bytes; at most {BytesMax} are read.", origin);
                return;
            }

            var room = into.RoomForImage((int)length)[..(int)length];
            var read = 0;
            while (read < length && await RandomAccess.ReadAsync(file, room[read..], read, cancel) is > 0 and var more)
                read += more;
            into.GiveImage(read, origin);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            into.GiveFault($"It cannot be read: {e.Message}", origin);
        }
    }

    private SourceOutcome Gone()
    {
        (_files, _next, _passed) = ([], 0, false);
        return SourceOutcome.Stalled($"The folder {options.Folder} is not there.", "Check the mount or the card; reading goes on by itself once the folder is back.");
    }

    private static bool IsImage(string path) => Path.GetExtension(path).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG";
}
