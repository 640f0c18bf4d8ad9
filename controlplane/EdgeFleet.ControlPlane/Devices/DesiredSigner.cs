using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>The key that signs desired documents, commands and the end of the audit log: P-256, made at the first start, in a file that only this process may read.</summary>
internal sealed class DesiredSigner : IDisposable
{
    private readonly ECDsa _key;
    private readonly Lock _lock = new();

    /// <summary>Reads the key, making it when there is none.</summary>
    /// <exception cref="InvalidOperationException">The file is there and is not such a key.</exception>
    public DesiredSigner(DataFolder folder)
    {
        _key = File.Exists(folder.SigningKey) ? Read(folder.SigningKey) : Make(folder.SigningKey);
        PublicKey = PublicKey.Of(_key);
    }

    /// <summary>The public half; devices get it when they enrol.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Signs a document.</summary>
    /// <exception cref="ArgumentException">It is larger than an envelope takes.</exception>
    public Envelope Sign(DesiredDocument document)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(document, WireJson.Default.DesiredDocument);
        lock (_lock)
            return Envelope.Sign(DesiredDocument.PayloadType, payload, _key);
    }

    /// <summary>Signs a command.</summary>
    public Envelope Sign(DeviceCommand command)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(command, WireJson.Default.DeviceCommand);
        lock (_lock)
            return Envelope.Sign(DeviceCommand.PayloadType, payload, _key);
    }

    /// <summary>Signs the end of the audit log.</summary>
    public SignedAuditHead Sign(AuditHead head)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(head, ApiJson.Default.AuditHead);
        lock (_lock)
            return new SignedAuditHead(head, Envelope.Sign(AuditHead.PayloadType, payload, _key), PublicKey);
    }

    public void Dispose() => _key.Dispose();

    private static ECDsa Read(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidOperationException(
                $"{path} is not a PEM private key: {e.Message} Restore it from the backup. Without it no device takes a wish; a new key needs every device enrolled again.", e);
        }
    }

    private static ECDsa Make(string path)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DurableFile.WriteFirst(path, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem()));
        return Read(path);
    }
}
