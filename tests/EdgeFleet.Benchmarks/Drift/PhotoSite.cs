using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Sources;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Drift;

/// <summary>A board at a coffee plot: the int8 model as <c>edgefleet model pack</c> packs it, run by the agent's own code, and the features that drift is watched in.</summary>
internal sealed class PhotoSite : ISampleObserver, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SampleProcessor _processor;
    private readonly LoadedModel _model;
    private readonly DriftFamily[] _families;
    private readonly double[] _values;
    private readonly Sample _sample = new();

    private PhotoSite(string data)
    {
        var package = Pack(data, _folder["package"]);
        var store = new ContentStore(_folder["store"]);
        foreach (var file in Directory.EnumerateFiles(_folder["package"], "*", SearchOption.AllDirectories))
            store.Add(File.ReadAllBytes(file));
        _model = new ModelLoader(store, BoardFacts.Read()).LoadAsync(package, 1, CancellationToken.None).GetAwaiter().GetResult();
        _families = [DriftFamily.OfInputs(_model.Manifest.Input), DriftFamily.OfAnswers(_model)];
        _values = new double[_families.Sum(f => f.Features.Count)];
        var host = new SlotHost(new SlotOptions { Name = SlotName.Parse("leaf"), Source = new SourceOptions { Kind = SourceOptions.Images }, QueueLength = 1 });
        _processor = new SampleProcessor(host, [this], TimeProvider.System, TimeSpan.FromSeconds(30));
    }

    /// <summary>The package's reference.</summary>
    public Reference Reference => _model.Reference;

    /// <summary>Names and least spreads of the features, inputs first.</summary>
    public IReadOnlyList<(string Name, double Floor)> Features => [.. _families.SelectMany(f => f.Features)];

    /// <summary>Packs and loads; null where the photos are absent.</summary>
    public static PhotoSite? Open() => RealData.Folder is { } data ? new PhotoSite(data) : null;

    /// <summary>Takes a photo through preparation and model; the features are good until the next.</summary>
    public ReadOnlySpan<double> Answer(byte[] photo)
    {
        photo.CopyTo(_sample.RoomForImage(photo.Length));
        _sample.GiveImage(photo.Length, SampleOrigin.Named("photo"));
        if (_processor.Process(_sample, _model) != SampleEnding.Answered)
            throw new InvalidOperationException("A photo of the benchmark was not answered.");
        return _values;
    }

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (result.Error is not null)
            return;
        var inputs = _families[0].Features.Count;
        _families[0].Read(result, _values.AsSpan(0, inputs));
        _families[1].Read(result, _values.AsSpan(inputs));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _processor.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    private static PackageRef Pack(string data, string target)
    {
        var models = Path.Combine(data, "coffee-leaf-models");
        var result = ModelPacker.Pack(new PackRequest
        {
            Onnx = [Path.Combine(models, "coffee_leaf_int8_qdq.onnx")],
            Float = Path.Combine(models, "coffee_leaf_float.onnx"),
            Data = Path.Combine(data, "coffee-leaf", "symptom"),
            Task = ModelTask.ImageClassification,
            Labels = Path.Combine(models, "labels.txt"),
            Input = new PackInput { Layout = "NCHW", Width = 224, Height = 224, Scale = PackNumbers.Parse("--scale", "1/127.5"), Offset = [-1] },
            Name = "coffee-leaf",
            Version = "2.0.0",
            Out = target,
        });
        return result is PackResult.Packed packed ? packed.Package : throw new InvalidOperationException("The coffee model was refused by pack.");
    }
}
