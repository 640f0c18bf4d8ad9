using System.Globalization;
using System.Text.RegularExpressions;

namespace EdgeFleet.Benchmarks.Footprint;

/// <summary>What an agent said it sent, summed from its log: payload bytes of all batches, and minute rows in them.</summary>
internal readonly partial record struct SentBatches(long Bytes, long MinuteRows)
{
    public static SentBatches operator -(SentBatches a, SentBatches b) => new(a.Bytes - b.Bytes, a.MinuteRows - b.MinuteRows);

    /// <summary>Reads the log of an agent that logs at level Debug.</summary>
    public static SentBatches Read(string log)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var sum = default(SentBatches);
        while (reader.ReadLine() is { } line)
        {
            if (Batch().Match(line) is { Success: true } match)
            {
                long Number(string group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
                var rows = match.Groups["stream"].Value == "minute" ? Number("last") - Number("first") + 1 : 0;
                sum = new SentBatches(sum.Bytes + Number("bytes"), sum.MinuteRows + rows);
            }
        }

        return sum;
    }

    [GeneratedRegex(@"BatchSent ""?(?<stream>\w+)""? (?<first>\d+) to (?<last>\d+): (?<bytes>\d+) bytes")]
    private static partial Regex Batch();
}
