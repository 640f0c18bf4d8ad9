using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Alerts;

/// <summary>An alert of a slot changed; <paramref name="Clearest"/> is a copy of the sample that shows it best, for one that was raised.</summary>
internal sealed record AlertHappened(AlertChange Change, ClearSample? Clearest);

/// <summary>
/// The rules of the model that serves one slot. Another model keeps the alerts that are open under rules that it has too, of the same label, and clears the others.
/// Owned by the slot's thread.
/// </summary>
internal sealed class SlotAlerts(IReadOnlyList<AlertChange> open)
{
    private readonly List<AlertChange> _open = [.. open];
    private List<(AlertRule Rule, int Label, AlertJudge Judge, ClearestSample Clearest)> _watches = [];
    private LoadedModel? _model;

    /// <summary>Alerts that are open, as they were raised.</summary>
    public IReadOnlyList<AlertChange> Open => _open;

    /// <summary>Takes an answered sample in and gives what it changed.</summary>
    /// <param name="model">The model that answered.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="answer">What the model says of it.</param>
    /// <param name="limits">From where on answers count.</param>
    public IReadOnlyList<AlertHappened> Observe(LoadedModel model, Sample sample, Answer answer, AlertLimits limits)
    {
        List<AlertHappened>? happened = null;
        if (_model != model)
            happened = Follow(model);

        foreach (var (rule, ruleLabel, judge, clearest) in _watches)
        {
            var shown = ShownBy.Of(answer, rule, ruleLabel, limits);
            var step = judge.Observe(shown.IsLabel, shown.Confidence, shown.ConfidenceMin);
            if (shown.IsLabel && shown.Confidence >= shown.ConfidenceMin && !judge.IsRaised || step == AlertStep.Raised)
                clearest.Add(sample, shown.Confidence, answer is DetectionAnswer found ? found.Boxes : default);
            else
                clearest.Pass();

            if (step == AlertStep.None)
                continue;

            (happened ??= []).Add(Changed(rule, judge, model, answer, step == AlertStep.Raised ? clearest.TakeBest() : null));
            clearest.Clear();
        }

        return (IReadOnlyList<AlertHappened>?)happened ?? [];
    }

    private AlertHappened Changed(AlertRule rule, AlertJudge judge, LoadedModel model, Answer answer, ClearSample? clearest)
    {
        var change = ChangeOf(rule, judge, model, judge.IsRaised) with
        {
            Boxes = clearest is null ? null : ShownBy.Boxes(clearest.Boxes, model.Manifest.Output.Labels, rule.Label),
            Score = answer is AnomalyAnswer anomaly ? anomaly.Score : null,
        };
        _open.RemoveAll(a => a.Rule == rule.Id);
        if (judge.IsRaised)
            _open.Add(change);
        return new AlertHappened(change, clearest);
    }

    private List<AlertHappened>? Follow(LoadedModel model)
    {
        _model = model;
        var (labels, rules) = (model.Manifest.Output.Labels, model.Manifest.Alerts);
        var ended = _open.Where(a => !rules.Any(r => r.Id == a.Rule && r.Label == a.Label)).ToList();
        _open.RemoveAll(ended.Contains);
        _watches = [.. rules.Select(r => (r, IndexOf(labels, r.Label), new AlertJudge(r, _open.Any(a => a.Rule == r.Id)), new ClearestSample(r.Of)))];
        return ended.Count == 0
            ? null
            : [.. ended.Select(a => new AlertHappened(a with { Raised = false, Seen = 0, Of = 0, Confidence = 0, Model = model.Package.Label, Photo = null, Boxes = null, Score = null, Readings = null }, null))];
    }

    private static AlertChange ChangeOf(AlertRule rule, AlertJudge judge, LoadedModel model, bool raised) => new()
    {
        Rule = rule.Id,
        Label = rule.Label,
        Severity = rule.Severity,
        Raised = raised,
        Seen = judge.Seen,
        Of = judge.Of,
        Confidence = Math.Round(judge.Confidence, 4),
        Model = model.Package.Label,
    };

    private static int IndexOf(IReadOnlyList<string> labels, string label)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            if (labels[i] == label)
                return i;
        }

        return -1;
    }
}
