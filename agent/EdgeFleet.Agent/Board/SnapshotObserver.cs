using System.Globalization;
using System.Text;
using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Board;

/// <summary>Keeps a copy of a slot's next sample with its answer, when somebody asked for it. Costs nothing while nobody does.</summary>
internal sealed class SnapshotObserver(TimeProvider time) : ISampleObserver
{
    private const int AnswersMax = 5;
    private readonly object _gate = new();
    private readonly Dictionary<SlotName, TaskCompletionSource<Taken>> _wanted = [];
    private volatile bool _isWanted;

    /// <summary>The next sample that the slot's model answers.</summary>
    /// <exception cref="OperationCanceledException">None came in time.</exception>
    public async Task<Snapshot> NextAsync(SlotName slot, CancellationToken cancel)
    {
        Task<Taken> next;
        lock (_gate)
        {
            if (!_wanted.TryGetValue(slot, out var source))
                _wanted[slot] = source = new TaskCompletionSource<Taken>(TaskCreationOptions.RunContinuationsAsynchronously);
            _isWanted = true;
            next = source.Task;
        }

        var (sample, channels, snapshot) = await next.WaitAsync(cancel);
        // Encoding takes milliseconds, and is not done on the slot's own thread.
        var (kind, content) = Content(sample, channels);
        return snapshot with { Kind = kind, Content = content };
    }

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (!_isWanted)
            return;

        TaskCompletionSource<Taken>? source;
        lock (_gate)
        {
            _wanted.Remove(result.Slot, out source);
            _isWanted = _wanted.Count > 0;
        }

        if (source is null)
            return;

        var copy = new Sample();
        copy.CopyFrom(result.Sample);
        source.SetResult(new Taken(copy, result.Model.Manifest.Input.Channels, Describe(result)));
    }

    private Snapshot Describe(in SampleResult result)
    {
        return new Snapshot
        {
            Slot = result.Slot.Value,
            Origin = result.Sample.Origin,
            At = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Package = result.Model.Package.ToString(),
            Variant = result.Model.Variant.Name,
            Answers = Said(result.Answer, result.Model.Manifest.Output.Labels),
            Error = result.Error,
            Ms = Math.Round((result.Times.PrepareUs + result.Times.InferUs) / 1000.0, 2),
            Kind = "",
            Content = [],
        };
    }

    // The answer's object is filled anew for the next sample: it is read here and now.
    private static SnapshotAnswer[] Said(Answer? answer, IReadOnlyList<string> labels)
    {
        var said = new List<SnapshotAnswer>();
        void Say(int label, float confidence) => said.Add(new SnapshotAnswer(label >= 0 && label < labels.Count ? labels[label] : $"output {label}", Math.Round(confidence, 4)));
        switch (answer)
        {
            case ClassAnswer classes:
                for (var i = 0; i < classes.Confidences.Length; i++)
                    Say(i, classes.Confidences[i]);
                break;
            case DetectionAnswer boxes:
                foreach (var box in boxes.Boxes)
                    Say(box.Label, box.Score);
                break;
            case AnomalyAnswer anomaly:
                said.Add(new SnapshotAnswer(FormattableString.Invariant($"{(anomaly.Label == 1 ? "anomaly" : "normal")}, score {anomaly.Score:0.####}"), Math.Round(anomaly.Confidence, 4)));
                break;
        }

        return [.. said.OrderByDescending(a => a.Confidence).Take(AnswersMax)];
    }

    private static (string Kind, byte[] Content) Content(Sample sample, int channels) => sample.Kind switch
    {
        SampleKind.Image => (sample.Image is [0x89, (byte)'P', ..] ? "png" : "jpg", sample.Image.ToArray()),
        SampleKind.Pixels => ("jpg", AlertPhoto.EncodeWhole(sample.Pixels)),
        SampleKind.Window => ("csv", Csv(sample.Window, channels)),
        _ => ("txt", Encoding.UTF8.GetBytes(sample.Fault + "\n")),
    };

    private static byte[] Csv(ReadOnlySpan<float> window, int channels)
    {
        var text = new StringBuilder();
        for (var i = 0; i < window.Length; i++)
            text.Append(CultureInfo.InvariantCulture, $"{window[i]:R}").Append((i + 1) % channels == 0 ? '\n' : ',');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private sealed record Taken(Sample Sample, int Channels, Snapshot Snapshot);
}
