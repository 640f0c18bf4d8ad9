using System.Collections.Concurrent;
using System.Text;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>
/// Counts, by slot and model, what minute rows do not say: answers by label, and how the inputs looked. Probation compares by the first and tells by the second whether the
/// scene is still the same. Results come on the slots' threads, questions from whoever closes a row. Adding allocates nothing.
/// </summary>
internal sealed class WindowTally : ISampleObserver
{
    private const int LabelsMax = 256;

    private readonly ConcurrentDictionary<SlotName, Slot> _slots = new();

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (result.IsInputFault)
            return;

        var slot = _slots.GetOrAdd(result.Slot, _ => new Slot());
        lock (slot)
        {
            if (slot.Now?.Model != result.Model)
                (slot.Before, slot.Now) = (slot.Now, new Counts(result.Model));
            slot.Now.Add(result);
        }
    }

    /// <summary>Adds to a closed minute what was counted in it, and begins the next one. The model of the row may have been replaced already.</summary>
    public SlotMinute AddTo(SlotMinute minute)
    {
        if (!_slots.TryGetValue(minute.Row.Slot, out var slot))
            return minute;

        lock (slot)
        {
            var counts = slot.Now?.Label == minute.Row.Model ? slot.Now : slot.Before?.Label == minute.Row.Model ? slot.Before : null;
            return counts is null ? minute : counts.TakeInto(minute);
        }
    }

    private sealed class Slot
    {
        public Counts? Now { get; set; }

        public Counts? Before { get; set; }
    }

    private sealed class Counts
    {
        private readonly long[] _mix;
        private readonly string _labels;
        private readonly bool _isSeries;
        private readonly double[] _values;
        private readonly double[] _sums;
        private readonly double[] _squares;
        private readonly long[] _known;
        private long _samples;

        public Counts(LoadedModel model)
        {
            var (labels, input) = (model.Manifest.Output.Labels, model.Manifest.Input);
            (Model, Label) = (model, model.Package.Label);
            (_mix, _labels) = (new long[labels.Count], Sha256Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', labels))).Short);
            _isSeries = input.Kind == "series";
            _values = new double[_isSeries ? SeriesFeatures.PerColumn * input.Channels : ImageFeatures.Count];
            _sums = new double[_values.Length];
            _squares = new double[_sums.Length];
            _known = new long[_sums.Length];
        }

        public LoadedModel Model { get; }

        public string Label { get; }

        public void Add(in SampleResult result)
        {
            result.Answer?.CountInto(_mix);
            if (_isSeries && result.Sample.Kind == SampleKind.Window)
                SeriesFeatures.Read(result.Sample.Window, _values);
            else if (result.Features.Length == _values.Length)
                result.Features.CopyTo(_values);
            else
                return;
            for (var f = 0; f < _values.Length; f++)
                Add(f, _values[f]);
            _samples++;
        }

        public SlotMinute TakeInto(SlotMinute minute)
        {
            var taken = minute with
            {
                Mix = _mix.Length <= LabelsMax ? [.. _mix] : [],
                Labels = _labels,
                Inputs = _samples == 0 ? null : new InputSummary(_samples, [.. Enumerable.Range(0, _sums.Length).Select(Mean)], [.. Enumerable.Range(0, _sums.Length).Select(Deviation)]) { IsSeries = _isSeries },
            };
            Array.Clear(_mix);
            Array.Clear(_sums);
            Array.Clear(_squares);
            Array.Clear(_known);
            _samples = 0;
            return taken;
        }

        private double Mean(int feature) => _known[feature] == 0 ? 0 : _sums[feature] / _known[feature];

        private double Deviation(int feature) => _known[feature] == 0 ? 0 : Math.Sqrt(Math.Max(0, _squares[feature] / _known[feature] - Mean(feature) * Mean(feature)));

        // The first picture has no motion yet, and sensors send what is no number: such a value is not known, and never reaches the disk.
        private void Add(int feature, double value)
        {
            if (!double.IsFinite(value))
                return;

            _known[feature]++;
            _sums[feature] += value;
            _squares[feature] += value * value;
        }
    }
}
