using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

public sealed class TufSigningKeyTests
{
    public static TheoryData<string> Kinds => ["ed25519", "ecdsa-sha2-nistp256"];

    [Theory, MemberData(nameof(Kinds))]
    public void A_key_signs_the_same_after_a_way_through_a_file(string kind)
    {
        using var key = kind == "ed25519" ? TufSigningKey.NewEd25519() : TufSigningKey.NewEcdsa();
        using var read = TufSigningKey.FromPem(key.ToPem());
        Assert.Equal((key.Id, key.Public), (read.Id, read.Public));
        Assert.True(key.Public.Verifies([1, 2], read.Sign([1, 2])));
        Assert.False(key.Public.Verifies([1, 3], read.Sign([1, 2])));
        Assert.False(key.Public.Verifies([1, 2], "zz"));
    }

    // RFC 8032, 7.1, test 2.
    [Fact]
    public void Ed25519_is_that_of_the_standard() => Assert.True(
        new TufKey("ed25519", "ed25519", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
            .Verifies([0x72], "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));

    [Fact]
    public void A_private_key_is_no_public_one()
    {
        using var key = TufSigningKey.NewEcdsa();
        Assert.False(new TufKey("ecdsa", TufKey.EcdsaScheme, key.ToPem()).Verifies([1], key.Sign([1])));
    }
}
