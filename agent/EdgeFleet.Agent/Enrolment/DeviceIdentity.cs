using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>Who this board is: what the control plane assigned, its certificate with the private key, and the one CA that counts.</summary>
internal sealed record DeviceIdentity(EnrolmentResponse Assigned, X509Certificate2 Certificate, X509Certificate2 Ca) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        Ca.Dispose();
    }
}

/// <summary>What the identity folder holds.</summary>
internal abstract record IdentityFound
{
    /// <summary>A whole identity.</summary>
    public sealed record Enrolled(DeviceIdentity Identity) : IdentityFound;

    /// <summary>None, or one that was never finished.</summary>
    public sealed record NotEnrolled : IdentityFound;

    /// <summary>One that cannot be used, and why.</summary>
    public sealed record Damaged(string Reason) : IdentityFound;
}
