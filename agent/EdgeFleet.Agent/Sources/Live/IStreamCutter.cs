namespace EdgeFleet.Agent.Sources.Live;

/// <summary>Cuts a stream of bytes into frames or readings. One caller at a time; memory is bounded whatever comes.</summary>
internal interface IStreamCutter
{
    /// <summary>Whole frames or usable readings so far: what a stalled stream does not add to.</summary>
    long Whole { get; }

    /// <summary>Takes the next bytes in, cut anywhere.</summary>
    void Feed(ReadOnlySpan<byte> bytes);

    /// <summary>Forgets what is half done: the stream begins anew.</summary>
    void Restart();

    /// <summary>What came since the last whole one and could not be used, as a sentence; empty when nothing came.</summary>
    string Complaint();
}
