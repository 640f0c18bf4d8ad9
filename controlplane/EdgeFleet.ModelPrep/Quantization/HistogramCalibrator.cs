namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Watches calibration samples twice: for the range of every tensor, then for its histogram. Memory grows with tensors, not with samples.</summary>
internal static class HistogramCalibrator
{
    /// <summary>The histograms of the watched tensors.</summary>
    /// <param name="watch">The float model.</param>
    /// <param name="samples">Calibration samples.</param>
    /// <param name="step">Called after each run.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="QuantizationException">No sample, or a tensor that never held a finite value.</exception>
    public static IReadOnlyDictionary<string, TensorHistogram> Run(TensorWatch watch, SampleSpool samples, Action step, CancellationToken cancel)
    {
        if (samples.Count == 0) throw new QuantizationException("Calibration needs at least one sample; the set given is empty.");
        var histograms = watch.Tensors.Select(_ => new TensorHistogram()).ToArray();
        foreach (var sample in samples.Read())
        {
            cancel.ThrowIfCancellationRequested();
            watch.Run(sample.Tensor, (i, _, values) => histograms[i].Widen(values));
            step();
        }

        for (var i = 0; i < histograms.Length; i++)
        {
            if (!histograms[i].IsSeen)
                throw new QuantizationException($"Tensor '{watch.Tensors[i]}' never held a finite value during calibration. Check the samples and their preparation.");
            histograms[i].Close();
        }

        foreach (var sample in samples.Read())
        {
            cancel.ThrowIfCancellationRequested();
            watch.Run(sample.Tensor, (i, _, values) => histograms[i].Count(values));
            step();
        }

        return watch.Tensors.Select((name, i) => (name, i)).ToDictionary(t => t.name, t => histograms[t.i]);
    }
}
