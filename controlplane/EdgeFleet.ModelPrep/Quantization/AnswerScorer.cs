using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Scores models beside the float model on prepared samples, optimized as on a board.</summary>
internal sealed class AnswerScorer : IDisposable
{
    // Each has its session in memory.
    private const int AtOnceMax = 8;

    private readonly PackSpecs _specs;
    private readonly ModelSession _float;
    private readonly string _name;

    /// <summary>Loads the float model.</summary>
    /// <exception cref="QuantizationException">ONNX Runtime refuses it, or it does not fit input and labels.</exception>
    public AnswerScorer(PackSpecs specs, byte[] floatModel, string name)
    {
        (_specs, _name) = (specs, name);
        _float = Load(floatModel, name, isOptimized: true);
    }

    /// <summary>The float model's session.</summary>
    public ModelSession Float => _float;

    /// <summary>The float model's own score.</summary>
    public AnswerScore OfFloat(SampleSpool samples, CancellationToken cancel) => ScoreOf(Ask([_float], samples.Read(), cancel), 0);

    /// <summary>The float model's answers, for those who look closer.</summary>
    public List<Answered> AnswersOfFloat(SampleSpool samples, CancellationToken cancel) => Ask([_float], samples.Read(), cancel);

    /// <summary>Scores of models, in order.</summary>
    /// <param name="models">Their bytes.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="isOptimized">False runs nodes as written, for what another runtime will run.</param>
    /// <param name="samplesMax">Most samples that are asked.</param>
    /// <param name="cancel">Ends it.</param>
    public List<AnswerScore> Of(IReadOnlyList<byte[]> models, SampleSpool samples, bool isOptimized, int samplesMax, CancellationToken cancel)
    {
        var scores = new List<AnswerScore>();
        foreach (var some in models.Chunk(AtOnceMax))
        {
            var sessions = new List<ModelSession> { _float };
            try
            {
                foreach (var model in some) sessions.Add(Load(model, _name, isOptimized));
                var answers = Ask(sessions, samples.Read(samplesMax), cancel);
                scores.AddRange(Enumerable.Range(1, some.Length).Select(i => ScoreOf(answers, i)));
            }
            finally
            {
                sessions.Skip(1).ToList().ForEach(s => s.Dispose());
            }
        }

        return scores;
    }

    /// <summary>Loads a model as it will be run.</summary>
    public ModelSession Load(byte[] model, string name, bool isOptimized)
    {
        try
        {
            return ModelSession.Load(model, name, _specs.Input, _specs.Output, isOptimized);
        }
        catch (ModelLoadException refused)
        {
            throw new QuantizationException(refused.Message, refused);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _float.Dispose();

    private List<Answered> Ask(List<ModelSession> sessions, IEnumerable<PreparedSample> samples, CancellationToken cancel)
    {
        var names = sessions.ConvertAll(_ => _name);
        return [.. new ModelRunner(sessions, names, _specs.Input, _specs.Output).Ask(samples.Select(s =>
        {
            cancel.ThrowIfCancellationRequested();
            return s;
        }))];
    }

    private AnswerScore ScoreOf(List<Answered> answers, int model)
    {
        var score = VariantJudge.Score(answers, model, _specs.Output);
        var agreement = VariantJudge.AgreementOf(answers, model, _specs.Output);
        var isLabelled = score.IsLabelled && (_specs.Output.Boxes is not null || answers.All(a => a.Label >= 0));
        return new AnswerScore
        {
            Samples = answers.Count,
            Right = isLabelled ? score.Right : null,
            Accuracy = isLabelled ? score.Accuracy : null,
            Agreement = score.Agreement,
            ProbabilityChange = agreement.Changes == 0 ? 0 : agreement.ChangeMillionths / 1e6 / agreement.Changes,
            Divergence = OutputDivergence.Of(answers, model, _specs.Output),
            SqnrDb = Math.Round(VariantJudge.SqnrDb(answers, model), 2),
        };
    }
}
