using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Tests.Trust;

/// <summary>The first contact: only the hash of the CA is known.</summary>
public sealed class PinnedCaTests
{
    private readonly ECDsa _caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _ca;

    public PinnedCaTests() => _ca = Ca(_caKey);

    private Sha256Digest Pin => Sha256Digest.Of(_ca.RawData);

    [Fact]
    public void A_server_that_carries_the_pinned_CA_and_is_signed_by_it_is_trusted() => Assert.True(IsTrusted(Pin, Leaf(_ca, _caKey, carried: _ca)));

    [Fact]
    public void Another_hash_than_the_pinned_one_is_not_trusted() => Assert.False(IsTrusted(Sha256Digest.Of([1]), Leaf(_ca, _caKey, carried: _ca)));

    [Fact]
    public void A_server_that_does_not_carry_the_CA_is_not_trusted() => Assert.False(IsTrusted(Pin, Leaf(_ca, _caKey, carried: null)));

    [Fact]
    public void Carrying_the_true_CA_without_its_signature_is_worth_nothing()
    {
        using var otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        Assert.False(IsTrusted(Pin, Leaf(Ca(otherKey), otherKey, carried: _ca)));
    }

    [Fact]
    public void A_devices_certificate_is_no_servers_certificate()
    {
        using var device = Leaf(_ca, _caKey, carried: _ca, PinnedCa.ClientPurpose);

        Assert.False(IsTrusted(Pin, device));
        Assert.False(PinnedCa.Validate(_ca)(this, device, null, SslPolicyErrors.RemoteCertificateChainErrors));
        Assert.True(PinnedCa.IsIssuedBy(_ca, device, PinnedCa.ClientPurpose));
    }

    [Fact]
    public void A_wrong_host_name_is_not_forgiven()
    {
        using var leaf = Leaf(_ca, _caKey, carried: _ca);

        Assert.False(PinnedCa.Validate(Pin)(this, leaf, null, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors));
    }

    private static bool IsTrusted(Sha256Digest pin, X509Certificate2 leaf)
    {
        using var chain = new X509Chain();
        return PinnedCa.Validate(pin)(leaf, leaf, chain, SslPolicyErrors.RemoteCertificateChainErrors);
    }

    private static X509Certificate2 Ca(ECDsa key)
    {
        var request = new CertificateRequest("CN=ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return X509CertificateLoader.LoadCertificate(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30)).RawData);
    }

    private static X509Certificate2 Leaf(X509Certificate2 ca, ECDsa caKey, X509Certificate2? carried, string purpose = PinnedCa.ServerPurpose)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], false));
        if (carried is not null)
            request.CertificateExtensions.Add(PinnedCa.Carry(carried));
        var now = TimeProvider.System.GetUtcNow();
        return request.Create(ca.SubjectName, X509SignatureGenerator.CreateForECDsa(caKey), now.AddDays(-1), now.AddDays(20), [1, 2, 3]);
    }
}
