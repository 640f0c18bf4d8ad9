using System.Security.Cryptography;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Chooses ids for devices. The server assigns them: a wish is taken when it is free, and never takes over another device's id.</summary>
internal static class DeviceNames
{
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyz23456789"; // Without letters and digits that are mistaken for one another.
    private const int StemLengthMax = 58;

    /// <summary>Ids to try, the wished one first; every other ends in four random characters.</summary>
    public static IEnumerable<DeviceId> Candidates(string? wished, string hardware)
    {
        var name = Tidy(wished);
        if (DeviceId.TryParse(name, out var asWished))
            yield return asWished;

        var stem = name.Length > 0 ? name : Tidy(hardware) is { Length: > 0 } board ? board : "device";
        while (true)
            yield return DeviceId.Parse($"{stem}-{RandomNumberGenerator.GetString(Alphabet, 4)}");
    }

    private static string Tidy(string? text)
    {
        var tidy = string.Concat((text ?? "").ToLowerInvariant().Take(StemLengthMax).Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-'));
        return tidy.Trim('-');
    }
}
