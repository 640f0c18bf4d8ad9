using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

/// <summary>The search on one small network, with samples of its own.</summary>
internal sealed class NetTrial : IDisposable
{
    private readonly SampleSpool _calibration;
    private readonly SampleSpool _validation;
    private readonly SampleSpool _test;
    private readonly AnswerScorer _scorer;
    private readonly FormMaker _maker;
    private readonly FormSearch _search;

    public NetTrial(string name, ModelProto model, Func<QuantizeRequest, QuantizeRequest>? change = null)
    {
        var specs = SmallNets.SpecsOf(name);
        var cancel = TestContext.Current.CancellationToken;
        var request = new QuantizeRequest { Float = name, Data = "", Out = "", Input = new PackInput { Layout = specs.Input.Layout } };
        request = change?.Invoke(request) ?? request;
        Ready = FloatModel.Prepare(model, name);
        _calibration = Spool(name, 80, seed: 1, specs);
        _validation = Spool(name, 150, seed: 2, specs);
        _test = Spool(name, 300, seed: 3, specs);
        _scorer = new AnswerScorer(specs, OnnxFile.Bytes(model), name);
        var work = new QuantizeWork(Ready, SampleFeed.Of(specs.Input), _calibration, _validation, _scorer, request, new QuantizeSteps(null), cancel);
        using (var watch = new TensorWatch(Ready, new QdqPlan(Ready.Graph, new QdqChoices { Target = request.Target }).Tensors, work.Feed))
            _maker = new FormMaker(work, HistogramCalibrator.Run(watch, _calibration, () => { }, cancel));
        FloatScore = _scorer.OfFloat(_validation, cancel);
        _search = new FormSearch(work, _maker, FloatScore);
        (Form, Fault) = _search.Run();
        IsOptimized = work.IsOptimized;
    }

    /// <summary>The model as it was quantized.</summary>
    public ModelProto Ready { get; }

    public AnswerScore FloatScore { get; }

    public Form Form { get; }

    public string? Fault { get; }

    public bool IsOptimized { get; }

    public IReadOnlyList<RankedTensor> Ranking => _search.Ranking;

    public IReadOnlyList<Form> Made => _maker.Made;

    /// <summary>The chosen form on samples that nothing was chosen by.</summary>
    public AnswerScore OnTest => Score(Form.Bytes);

    public AnswerScore FloatOnTest => _scorer.OfFloat(_test, TestContext.Current.CancellationToken);

    public AnswerScore Score(byte[] model) => _scorer.Of([model], _test, IsOptimized, int.MaxValue, TestContext.Current.CancellationToken)[0];

    public FusionReport Fusion => FusionCheck.Of(Form.Bytes, new QdqPlan(Ready.Graph, Form.Choices).Layers.Count);

    public void Dispose()
    {
        _scorer.Dispose();
        _calibration.Dispose();
        _validation.Dispose();
        _test.Dispose();
    }

    private static SampleSpool Spool(string name, int count, int seed, PackSpecs specs) => SampleSpool.Take(SmallNets.Samples(name, count, seed), specs.Input.Elements);
}
