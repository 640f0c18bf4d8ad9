using System.Runtime.InteropServices;
using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Prepared samples in a nameless temporary file: they are decoded once and read many times, and one of them is in memory, however many there are. The file is gone
/// when the process ends, in whatever way.
/// </summary>
internal sealed class SampleSpool : IDisposable
{
    private readonly FileStream _file;
    private readonly List<(LabelledFile File, int Window)> _index = [];
    private readonly float[] _sample;

    private SampleSpool(FileStream file, int elements) => (_file, _sample) = (file, new float[elements]);

    /// <summary>Samples in it.</summary>
    public int Count => _index.Count;

    /// <summary>What was read, in order.</summary>
    public IEnumerable<LabelledFile> Files => _index.Select(i => i.File);

    /// <summary>Takes samples in.</summary>
    /// <param name="samples">Prepared samples; each is read once.</param>
    /// <param name="elements">Values of one.</param>
    /// <param name="samplesMax">Most of them that are taken.</param>
    /// <exception cref="QuantizationException">The temporary disk is full.</exception>
    public static SampleSpool Take(IEnumerable<PreparedSample> samples, int elements, int samplesMax = int.MaxValue)
    {
        var path = Path.Combine(Path.GetTempPath(), $"edgefleet-samples-{Guid.NewGuid():n}");
        var spool = new SampleSpool(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0), elements);
        try
        {
            File.Delete(path);
            foreach (var sample in samples.Take(samplesMax))
            {
                spool._file.Write(MemoryMarshal.AsBytes(sample.Tensor.AsSpan()));
                spool._index.Add((sample.File, sample.Window));
            }

            return spool;
        }
        catch (IOException full)
        {
            spool.Dispose();
            throw new QuantizationException($"The prepared samples do not fit into {Path.GetTempPath()}: {full.Message}. Free {(long)elements * sizeof(float) / 1024:N0} kB a sample there, or set TMPDIR to a larger disk.", full);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    /// <summary>The samples; each tensor is overwritten by the next.</summary>
    /// <param name="samplesMax">Most of them; fewer are spread evenly over all, since neighbours are mostly of one class.</param>
    public IEnumerable<PreparedSample> Read(int samplesMax = int.MaxValue)
    {
        var count = Math.Min(Count, samplesMax);
        for (var i = 0; i < count; i++)
        {
            var at = (int)((long)i * Count / count);
            _file.Position = (long)at * _sample.Length * sizeof(float);
            _file.ReadExactly(MemoryMarshal.AsBytes(_sample.AsSpan()));
            yield return new PreparedSample(_index[at].File, _index[at].Window, _sample, []);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
