namespace EdgeFleet.Agent.Inference;

/// <summary>Where a sample came from, as parts; the sentence is made only when somebody reads it.</summary>
internal readonly record struct SampleOrigin
{
    private readonly string? _source;
    private readonly string _word;
    private readonly long _first;
    private readonly long _last;

    private SampleOrigin(string source, string word, long first, long last) => (_source, _word, _first, _last) = (source, word, first, last);

    /// <summary>A name that says it all: a file.</summary>
    public static SampleOrigin Named(string name) => new(name, "", 0, 0);

    /// <summary>A frame or message of a source, by its running number: <c>camera frame 17</c>.</summary>
    /// <param name="source">Name of the source, the same text each time.</param>
    /// <param name="word">What is counted: <c>frame</c>, <c>message</c>.</param>
    /// <param name="number">Its number.</param>
    public static SampleOrigin Counted(string source, string word, long number) => new(source, word, number, number);

    /// <summary>Rows of a file: <c>pump.csv rows 1-16</c>.</summary>
    public static SampleOrigin Rows(string file, long first, long last) => new(file, "rows", first, last);

    /// <inheritdoc/>
    public override string ToString() => (_source, _word) switch
    {
        (null, _) => "",
        (_, "") => _source,
        (_, "rows") => $"{_source} rows {_first}-{_last}",
        _ => $"{_source} {_word} {_first}",
    };
}
