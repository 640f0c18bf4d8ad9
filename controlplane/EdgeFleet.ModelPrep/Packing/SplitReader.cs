namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Reads the samples of a split, notes files that cannot be read, and gives up when they are more than a few.</summary>
internal sealed class SplitReader(ISampleReader reader)
{
    private const double UnreadableShareMax = 0.05;

    private readonly SortedSet<string> _unreadable = new(StringComparer.Ordinal);

    /// <summary>Files that could not be read, with the reason.</summary>
    public IReadOnlyCollection<string> Unreadable => _unreadable;

    /// <summary>The samples, file by file.</summary>
    /// <exception cref="PackException">5 % of the files or more cannot be read.</exception>
    public IEnumerable<PreparedSample> Read(IReadOnlyList<LabelledFile> files, CancellationToken cancel = default)
    {
        var failed = 0;
        foreach (var file in files)
        {
            cancel.ThrowIfCancellationRequested();
            var (samples, fault) = TryRead(file);
            foreach (var sample in samples) yield return sample;
            if (fault is null) continue;
            _unreadable.Add(fault);
            if (++failed >= Math.Max(1, files.Count * UnreadableShareMax))
            {
                throw new PackException(
                    $"{failed} of {files.Count} files of split {file.Split} cannot be read, among them {fault} Mend or remove them; below 5 % packing goes on.");
            }
        }
    }

    // An iterator may not yield inside a try with a catch.
    private (IReadOnlyList<PreparedSample> Samples, string? Fault) TryRead(LabelledFile file)
    {
        try
        {
            return ([.. reader.Read(file)], null);
        }
        catch (UnreadableException unread)
        {
            return ([], $"{file.Name}: {unread.Message}");
        }
    }
}
