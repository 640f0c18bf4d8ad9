namespace EdgeFleet.Agent.Sources.Live;

/// <summary>How readings are written.</summary>
internal enum ReadingFormat
{
    /// <summary>Numbers with commas between; a line that names the columns is a header.</summary>
    Csv,

    /// <summary>An object by column name, an array in column order, or an array of either.</summary>
    Json,
}

/// <summary>Reads lines or messages of readings into windows. One caller at a time.</summary>
internal interface IReadingParser
{
    /// <summary>Takes one line or message in: what is usable is added, what is not is counted as skipped.</summary>
    void Parse(ReadOnlySpan<byte> text);
}

/// <summary>Makes the parser for a format.</summary>
internal static class ReadingParser
{
    /// <summary>The parser for a format.</summary>
    public static IReadingParser For(ReadingFormat format, WindowGatherer into) => format == ReadingFormat.Csv ? new CsvReadings(into) : new JsonReadings(into);
}
