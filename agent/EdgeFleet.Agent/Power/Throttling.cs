using System.Globalization;

namespace EdgeFleet.Agent.Power;

/// <summary>Whether the board slows itself down, and why, in stable words.</summary>
internal static class Throttling
{
    /// <summary>The supply is too weak.</summary>
    public const string UnderVoltage = "under-voltage";

    /// <summary>A rail carries more current than it may.</summary>
    public const string OverCurrent = "over-current";

    // Bits of `vcgencmd get_throttled`; the same 16 bits higher say that it happened since the board started.
    private static readonly (int Bit, string Word)[] PiBits = [(0, UnderVoltage), (1, "frequency-capped"), (2, "throttled"), (3, "soft-temperature-limit")];

    /// <summary>Reads what <c>vcgencmd get_throttled</c> printed, for example <c>throttled=0x50005</c>.</summary>
    /// <returns>What holds now and what held since the start; null for any other text.</returns>
    public static (IReadOnlyList<string> Now, IReadOnlyList<string> SinceStart)? OfPi(string text)
    {
        var hex = text.Trim().StartsWith("throttled=0x", StringComparison.Ordinal) ? text.Trim()["throttled=0x".Length..] : "";
        if (!int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits))
            return null;

        return (Words(bits), Words(bits >> 16));
    }

    private static IReadOnlyList<string> Words(int bits) => [.. PiBits.Where(b => (bits >> b.Bit & 1) == 1).Select(b => b.Word)];
}
