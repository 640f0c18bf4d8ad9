using EdgeFleet.Shared.Files;
using Google.Protobuf;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>
/// Reads and writes ONNX files. A file is bounded before it is parsed, weights in files beside it are brought in, and what this code does not know
/// survives a rewrite.
/// </summary>
public static class OnnxFile
{
    /// <summary>The largest file read unless the caller says otherwise; protobuf itself ends at 2 GB.</summary>
    public const long BytesMaxDefault = 512L * 1024 * 1024;

    // Graphs nest through If and Loop bodies; each level costs three messages.
    private const int DepthMax = 100;

    private const UnixFileMode ModeOfModels = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Reads a model with its weights, also those in files beside it.</summary>
    /// <exception cref="OnnxFileException">Absent, too large, not ONNX, or without its weights; the message names the file.</exception>
    public static ModelProto Read(string path, long bytesMax = BytesMaxDefault)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = new FileInfo(path);
        if (!file.Exists) throw new OnnxFileException($"{path} does not exist. Check the path of the ONNX file.");
        if (file.Length > bytesMax)
            throw new OnnxFileException($"{path} has {file.Length:N0} bytes, over the limit of {bytesMax:N0}. Prepare a smaller model for a board.");

        try
        {
            using var stream = file.OpenRead();
            var model = Checked(Parse(stream, bytesMax), path);
            if (ExternalData.IsIn(model)) ExternalData.Inline(model, path, bytesMax);
            return model;
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new OnnxFileException($"{path} is not a readable ONNX file ({broken.Message.TrimEnd('.')}). Export or copy it again.", broken);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFileException($"{path} cannot be read: {unread.Message}", unread);
        }
    }

    /// <summary>Reads a model and the bytes that stand for it: the file's own, or those with the weights of other files in them.</summary>
    /// <exception cref="OnnxFileException">As <see cref="Read"/> says.</exception>
    internal static (ModelProto Model, byte[] Bytes) ReadWhole(string path)
    {
        var model = Read(path);
        var bytes = File.ReadAllBytes(path);
        return ExternalData.IsIn(Parse(new MemoryStream(bytes, writable: false), bytes.Length)) ? (model, Bytes(model)) : (model, bytes);
    }

    /// <summary>Reads a model from bytes; <paramref name="name"/> stands for the file in error messages.</summary>
    /// <exception cref="OnnxFileException">Not ONNX, or with weights in other files.</exception>
    public static ModelProto Parse(ReadOnlyMemory<byte> bytes, string name)
    {
        try
        {
            using var stream = new MemoryStream(bytes.ToArray(), writable: false);
            var model = Checked(Parse(stream, Math.Max(bytes.Length, 1)), name);
            return GraphWalk.Tensors(model.Graph).FirstOrDefault(t => t.DataLocation == TensorProto.Types.DataLocation.External) is { } outside
                ? throw new OnnxFileException($"{name} keeps the weights of '{outside.Name}' in another file. Save the model with its weights inside.")
                : model;
        }
        catch (InvalidProtocolBufferException broken)
        {
            throw new OnnxFileException($"{name} is not a readable ONNX file ({broken.Message.TrimEnd('.')}). Export or copy it again.", broken);
        }
    }

    /// <summary>Replaces the file whole, so that a reader never sees half of one; its folder is made.</summary>
    /// <exception cref="IOException">Nothing was changed, for example because the disk is full.</exception>
    public static void Write(ModelProto model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        DurableFile.Replace(path, Bytes(model), ModeOfModels);
    }

    /// <summary>The bytes of a model. Equal models give equal bytes.</summary>
    public static byte[] Bytes(ModelProto model) => model.ToByteArray();

    private static ModelProto Parse(Stream stream, long bytesMax)
    {
        using var input = CodedInputStream.CreateWithLimits(stream, (int)Math.Min(bytesMax, int.MaxValue), DepthMax);
        return ModelProto.Parser.ParseFrom(input);
    }

    private static ModelProto Checked(ModelProto model, string name)
    {
        if (model.Graph is null || model.Graph.Node.Count == 0 || model.OpsetImport.Count == 0)
            throw new OnnxFileException($"{name} holds no ONNX graph. Is it really an ONNX model?");
        if (OnnxLimits.Fault(model) is { } fault) throw new OnnxFileException($"{name} {fault}. Export or copy it again.");
        return model;
    }
}
