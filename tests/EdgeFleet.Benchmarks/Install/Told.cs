using System.Globalization;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>Prints what is done and what was seen, with the seconds since the start.</summary>
internal static class Told
{
    private const int LineMax = 220;
    private static readonly long Begin = TimeProvider.System.GetTimestamp();

    /// <summary>A step begins.</summary>
    public static void Step(string text) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(Begin).TotalSeconds,5:0} s  {text}"));

    /// <summary>Something was seen.</summary>
    public static void Saw(string text)
    {
        foreach (var line in text.TrimEnd().Split('\n').Where(l => l.Trim().Length > 0))
            Console.WriteLine($"           {(line.Length > LineMax ? line[..LineMax] + "…" : line)}");
    }

    /// <summary>Something must hold.</summary>
    /// <exception cref="ShortException">It does not.</exception>
    public static void Holds(bool holds, string saw, string instead)
    {
        if (!holds)
            throw new ShortException(instead);
        Saw(saw);
    }
}
