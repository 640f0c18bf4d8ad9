using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Messages;

/// <summary>What a person carries to a board: where to enrol, with which token, and the hash of the CA, so that the first contact is not blind.</summary>
public sealed record EnrolmentTicket
{
    private const string Prefix = "efe1.";

    /// <summary>Address of the control plane, for example <c>https://fleet.example:8443</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>The token, a secret; empty for boards whose key is listed or that ask to be approved.</summary>
    public required string Token { get; init; }

    /// <summary>SHA-256 of the CA certificate (DER).</summary>
    public required Sha256Digest Ca { get; init; }

    /// <summary>SHA-256 of the TUF root that packages are checked by; null where none is pinned.</summary>
    public Sha256Digest? Root { get; set; }

    /// <summary>One word that can be pasted, typed into cloud-init or drawn as a QR code.</summary>
    public string Format() => Prefix
        + Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(this, WireJson.Default.EnrolmentTicket)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>Inverse of <see cref="Format"/>; null for any other text.</summary>
    public static EnrolmentTicket? TryParse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > 4096)
            return null;

        try
        {
            var base64 = text[Prefix.Length..].Trim().Replace('-', '+').Replace('_', '/');
            var json = Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));
            return JsonSerializer.Deserialize(Encoding.UTF8.GetString(json), WireJson.Default.EnrolmentTicket);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>Body of <c>POST /enrol/v1</c>. The private key never leaves the board.</summary>
public sealed record EnrolmentRequest
{
    /// <summary>The token of the ticket; empty for a board whose key is listed or that asks to be approved.</summary>
    public required string Token { get; init; }

    /// <summary>Certificate signing request, PEM. Only its key is used; the server assigns the name.</summary>
    public required string Csr { get; init; }

    /// <summary>Wished id, for example the host name; the server may assign another.</summary>
    public string? Name { get; init; }

    /// <summary>Board, for example <c>orin-nano</c>.</summary>
    public string Hardware { get; set; } = "";

    /// <summary>Slots of the board.</summary>
    public IReadOnlyList<SlotName> Slots { get; set; } = [];

    /// <summary>True to take the wished id over from the device that has it now; a person has to approve that.</summary>
    public bool Replace { get; set; }
}

/// <summary>Answer 202: a person has to approve this board. It asks again with the same key.</summary>
public sealed record EnrolmentPending
{
    /// <summary>SHA-256 of the board's public key, as it stands on the page of who approves.</summary>
    public required Sha256Digest Key { get; init; }

    /// <summary>Seconds after which the board asks again.</summary>
    public int RetrySeconds { get; set; } = 10;
}

/// <summary>Body of <c>POST /device/v1/renew</c>, on a connection with the certificate that is to be replaced.</summary>
public sealed record RenewalRequest
{
    /// <summary>Certificate signing request of the new key, PEM.</summary>
    public required string Csr { get; init; }
}

/// <summary>Answer to an enrolment or renewal: identity, addresses, and the keys whose desired documents count.</summary>
public sealed record EnrolmentResponse
{
    /// <summary>Assigned id.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Certificate, PEM; the CA's issuing certificates may follow it.</summary>
    public required string Certificate { get; init; }

    /// <summary>CA certificate, PEM; its DER has the hash that the ticket pins.</summary>
    public required string Ca { get; init; }

    /// <summary>Host of the broker.</summary>
    public required string MqttHost { get; init; }

    /// <summary>TLS port of the broker.</summary>
    public required int MqttPort { get; init; }

    /// <summary>Base address of package files, with a slash at the end; asked with the device's certificate.</summary>
    public required Uri Packages { get; init; }

    /// <summary>Base address of what a device asks for itself (renewal), with a slash at the end; null: at the host of <see cref="Packages"/>.</summary>
    public Uri? Api { get; set; }

    /// <summary>Keys that may sign desired documents and commands.</summary>
    public required IReadOnlyList<PublicKey> Keys { get; init; }

    /// <summary>SHA-256 of the TUF root by which packages are checked; null where packages are not signed. What a ticket pins, or a board holds already, counts more.</summary>
    public Sha256Digest? Root { get; set; }
}
