using System.Security.Cryptography.X509Certificates;

namespace EdgeFleet.Shared.Trust;

/// <summary>The time by which certificates are judged.</summary>
/// <param name="Now">The time.</param>
/// <param name="IsLowerBound">
/// True when the clock is proven to be behind, so that it may be any time after. A certificate that begins later than that may be valid already;
/// one that ended earlier is surely over.
/// </param>
public readonly record struct JudgedTime(DateTimeOffset Now, bool IsLowerBound = false)
{
    /// <summary>The time at which a certificate is to be judged.</summary>
    public DateTimeOffset For(X509Certificate2 certificate)
    {
        var begins = new DateTimeOffset(certificate.NotBefore);
        return IsLowerBound && begins > Now ? begins : Now;
    }
}
