using System.Globalization;
using Google.Protobuf;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>
/// Brings weights that stand in files beside a model into it. The model names the files, so nothing above its folder is opened, no link is followed, and
/// all of it together keeps the limit of one file.
/// </summary>
internal static class ExternalData
{
    /// <summary>Whether any weights stand outside.</summary>
    public static bool IsIn(ModelProto model) => GraphWalk.Tensors(model.Graph).Any(IsOutside);

    /// <summary>Reads the weights into the model.</summary>
    /// <param name="model">The model; its tensors are changed.</param>
    /// <param name="path">The model's own file.</param>
    /// <param name="bytesMax">Most bytes of weights.</param>
    /// <exception cref="OnnxFileException">A file is absent, too short, too large or not beside the model; it is named.</exception>
    public static void Inline(ModelProto model, string path, long bytesMax)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        long total = 0;
        foreach (var tensor in GraphWalk.Tensors(model.Graph).Where(IsOutside))
        {
            var (file, offset, length) = PlaceOf(tensor, path, folder);
            total += length;
            if (total > bytesMax) throw new OnnxFileException($"{path} has over {bytesMax:N0} bytes of weights in other files. Prepare a smaller model for a board.");
            tensor.RawData = Read(tensor, path, file, offset, (int)length);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    private static bool IsOutside(TensorProto tensor) => tensor.DataLocation == DataLocation.External;

    private static (string File, long Offset, long Length) PlaceOf(TensorProto tensor, string path, string folder)
    {
        string? Value(string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

        var location = Value("location") ?? throw new OnnxFileException($"{path} does not say in which file the weights of '{tensor.Name}' are.");
        var file = Path.GetFullPath(Path.Combine(folder, location));
        if (Path.IsPathRooted(location) || location.Contains('\0', StringComparison.Ordinal) || !file.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal))
            throw new OnnxFileException($"{path} keeps the weights of '{tensor.Name}' in '{location}', which is not beside it. Only files in the model's own folder are read.");

        var size = Tensors.BytesOf((DataType)tensor.DataType)
            ?? throw new OnnxFileException($"{path} keeps '{tensor.Name}' of type {(DataType)tensor.DataType} in another file; that type is not read.");
        var needed = checked(Tensors.Count(tensor) * size);
        var offset = NumberOf(Value("offset"), 0, tensor, path);
        var length = NumberOf(Value("length"), needed, tensor, path);
        return length == needed && length <= int.MaxValue
            ? (file, offset, length)
            : throw new OnnxFileException($"{path} gives '{tensor.Name}' {length:N0} bytes in '{location}' where its shape asks for {needed:N0}.");
    }

    private static long NumberOf(string? text, long otherwise, TensorProto tensor, string path) =>
        text is null ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : throw new OnnxFileException($"{path} places the weights of '{tensor.Name}' at '{text}', which is no number.");

    private static ByteString Read(TensorProto tensor, string path, string file, long offset, int length)
    {
        try
        {
            if (!File.Exists(file))
                throw new OnnxFileException($"{path} keeps the weights of '{tensor.Name}' in {file}, which does not exist. Copy it beside the model.");
            for (FileSystemInfo? at = new FileInfo(file); at is not null && at.FullName.Length > Path.GetDirectoryName(Path.GetFullPath(path))!.Length; at = Directory.GetParent(at.FullName))
                if (at.LinkTarget is not null) throw new OnnxFileException($"{path} keeps the weights of '{tensor.Name}' behind the link {at.FullName}. Copy the file itself beside the model.");

            using var stream = File.OpenRead(file);
            if (offset > stream.Length - length)
                throw new OnnxFileException($"{file} has {stream.Length:N0} bytes; {path} looks for '{tensor.Name}' at {offset:N0} to {offset + length:N0}. Copy the whole file.");
            var bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return UnsafeByteOperations.UnsafeWrap(bytes);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFileException($"{file} with the weights of '{tensor.Name}' cannot be read: {unread.Message}", unread);
        }
    }
}
