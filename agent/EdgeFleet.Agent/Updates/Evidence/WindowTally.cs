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
    private const int ChannelsMax = 16;
    private const int ReadingsMax = 256;

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
        private readonly int _channels;
        private readonly double[] _sums;
        private readonly double[] _squares;
        private readonly long[] _known;
        private long _samples;

        public Counts(LoadedModel model)
        {
            var (labels, input) = (model.Manifest.Output.Labels, model.Manifest.Input);
            (Model, Label) = (model, model.Package.Label);
            (_mix, _labels) = (new long[labels.Count], Sha256Digest.Of(Encoding.UTF8.GetBytes(string.Join('\n', labels))).Short);
            _channels = input.Kind == "series" ? input.Channels : 0;
            _sums = new double[_channels > 0 ? 2 * Math.Min(_channels, ChannelsMax) : ImageFeatures.Count];
            _squares = new double[_sums.Length];
            _known = new long[_sums.Length];
        }

        public LoadedModel Model { get; }

        public string Label { get; }

        public void Add(in SampleResult result)
        {
            result.Answer?.CountInto(_mix);
            if (_channels > 0 && result.Sample.Kind == SampleKind.Window)
                AddWindow(result.Sample.Window);
            else if (result.Features.Length == _sums.Length)
                AddFeatures(result.Features);
            else
                return;
            _samples++;
        }

        public SlotMinute TakeInto(SlotMinute minute)
        {
            var taken = minute with
            {
                Mix = _mix.Length <= LabelsMax ? [.. _mix] : [],
                Labels = _labels,
                Inputs = _samples == 0 ? null : new InputSummary(_samples, [.. Enumerable.Range(0, _sums.Length).Select(Mean)], [.. Enumerable.Range(0, _sums.Length).Select(Deviation)]),
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

        private void AddFeatures(ReadOnlySpan<double> features)
        {
            for (var i = 0; i < features.Length; i++)
                Add(i, features[i]);
        }

        // Mean and scatter of each channel; of long windows as many readings as tell them.
        private void AddWindow(ReadOnlySpan<float> window)
        {
            var readings = window.Length / _channels;
            var step = Math.Max(1, readings / ReadingsMax);
            for (var c = 0; c < _sums.Length / 2; c++)
            {
                var (count, sum, squares) = (0, 0.0, 0.0);
                for (var t = 0; t < readings; t += step)
                {
                    double value = window[t * _channels + c];
                    (count, sum, squares) = (count + 1, sum + value, squares + value * value);
                }

                var mean = count == 0 ? 0 : sum / count;
                Add(2 * c, mean);
                Add(2 * c + 1, count == 0 ? 0 : Math.Sqrt(Math.Max(0, squares / count - mean * mean)));
            }
        }

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
