using System.Text.Json;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>A model with everything that its answers are made by, loaded as a board loads it.</summary>
internal sealed class OpenedModel : IDisposable
{
    private OpenedModel(ModelPlace place, Sha256Digest digest, long size, bool isQuantized, ModelSession session)
    {
        (Place, Digest, Size, IsQuantized, Session) = (place, digest, size, isQuantized, session);
        Reader = AnswerReader.For(place.Specs.Input, place.Specs.Output);
        Preparation = JsonSerializer.Serialize(place.Specs.Input with { Tensor = "" }, WireJson.Default.InputSpec);
    }

    /// <summary>Where it lies and how it is read.</summary>
    public ModelPlace Place { get; }

    /// <summary>SHA-256 of its file.</summary>
    public Sha256Digest Digest { get; }

    /// <summary>Bytes of its file.</summary>
    public long Size { get; }

    /// <summary>Whether it has integers in it.</summary>
    public bool IsQuantized { get; }

    /// <summary>The session.</summary>
    public ModelSession Session { get; }

    /// <summary>Makes answers of its outputs.</summary>
    public AnswerReader Reader { get; }

    /// <summary>Equal for models whose samples are prepared alike.</summary>
    public string Preparation { get; }

    /// <summary>Loads a model.</summary>
    /// <exception cref="PackException">It cannot be read, ONNX Runtime refuses it, or it does not fit.</exception>
    public static OpenedModel Open(ModelPlace place)
    {
        ModelProto? model = null;
        try
        {
            (model, var bytes) = OnnxFile.ReadWhole(place.Path);
            return new OpenedModel(place, Sha256Digest.Of(bytes), bytes.Length, FloatModel.IsQuantized(model), ModelSession.Load(place.Path, place.Specs.Input, place.Specs.Output));
        }
        catch (Exception failed) when (failed is OnnxFileException or ModelLoadException)
        {
            throw new PackException((model is null ? null : RefusalWords.Of(model, place.Name, failed.Message)) ?? failed.Message, failed);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();
}
