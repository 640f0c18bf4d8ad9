using System.Security.Cryptography;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Tests.Trust;

public sealed class EnvelopeTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private Envelope Signed => Envelope.Sign("type/a", "payload"u8, _key);

    public void Dispose()
    {
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public void What_a_trusted_key_signed_opens() => Assert.Equal("payload"u8.ToArray(), Signed.Open("type/a", [PublicKey.Of(_key)], out _));

    [Fact]
    public void Another_key_another_type_and_a_changed_byte_do_not_open()
    {
        Refused(Signed, "type/a", PublicKey.Of(_other), "None of its 1");
        Refused(Signed, "type/b", PublicKey.Of(_key), "'type/b' was expected");
        Refused(Signed with { Payload = Convert.ToBase64String("payloaD"u8) }, "type/a", PublicKey.Of(_key), "None of its 1");
        Refused(Signed with { PayloadType = "type/b" }, "type/b", PublicKey.Of(_key), "None of its 1");
        Refused(Signed with { Payload = "***" }, "type/a", PublicKey.Of(_key), "not base64");
        Refused(Signed with { Signatures = [] }, "type/a", PublicKey.Of(_key), "None of its 0");
    }

    [Fact]
    public void A_null_among_the_signatures_is_no_signature_and_no_crash()
    {
        Refused(Signed with { Signatures = [null!] }, "type/a", PublicKey.Of(_key), "(null)");
        Assert.NotNull((Signed with { Signatures = [null!, .. Signed.Signatures] }).Open("type/a", [PublicKey.Of(_key)], out _));
    }

    [Fact]
    public void A_key_under_the_id_of_another_verifies_nothing()
    {
        var forged = PublicKey.Of(_other) with { Id = PublicKey.Of(_key).Id };
        var envelope = Envelope.Sign("type/a", "payload"u8, _other);
        envelope = envelope with { Signatures = [envelope.Signatures[0] with { KeyId = forged.Id }] };
        Refused(envelope, "type/a", forged, "None of its 1");
    }

    [Fact]
    public void A_payload_over_the_limit_is_not_signed() =>
        Assert.Throws<ArgumentException>(() => Envelope.Sign("t", new byte[Envelope.PayloadBytesMax + 1], _key));

    private static void Refused(Envelope envelope, string type, PublicKey key, string why)
    {
        Assert.Null(envelope.Open(type, [key], out var error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }
}
