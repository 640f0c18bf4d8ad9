using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using PublicKey = EdgeFleet.Shared.Trust.PublicKey;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>
/// The identity to come: <c>next.key</c> (0600) from the moment somebody is asked to certify it, <c>next.json</c> from the answer until it is in
/// force. Both outlive a power cut, so the same key asks again and nothing is used up twice.
/// </summary>
internal sealed class NextIdentity(string folder)
{
    private readonly string _keyPath = Path.Combine(folder, "next.key");
    private readonly string _answerPath = Path.Combine(folder, "next.json");

    /// <summary>The key to be certified: the one that is kept, else a new one, kept before anybody sees its public half.</summary>
    /// <param name="inForce">Key in force, which is never certified again; null when there is none.</param>
    /// <exception cref="IOException">It cannot be kept.</exception>
    public ECDsa Key(ECDsa? inForce)
    {
        if (Read() is { } kept)
        {
            if (inForce is null || PublicKey.Of(kept) != PublicKey.Of(inForce))
                return kept;
            kept.Dispose();
            Drop();
        }

        try
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            DurableFile.Replace(_keyPath, Encoding.ASCII.GetBytes(made.ExportPkcs8PrivateKeyPem()), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return made;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The key was not written: {e.Message} Run this as the agent's user.", e);
        }
    }

    /// <summary>The answer that is kept for a key; null when there is none.</summary>
    public EnrolmentResponse? Answer(ECDsa key)
    {
        try
        {
            if (!File.Exists(_answerPath) || JsonSerializer.Deserialize(File.ReadAllBytes(_answerPath), WireJson.Default.EnrolmentResponse) is not { } answer)
                return null;

            using var certificate = X509Certificate2.CreateFromPem(answer.Certificate);
            using var certified = certificate.GetECDsaPublicKey();
            return certified is not null && PublicKey.Of(certified) == PublicKey.Of(key) ? answer : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or CryptographicException or ArgumentException)
        {
            return null; // It is asked for again.
        }
    }

    /// <summary>Keeps an answer until it was tried.</summary>
    /// <exception cref="IOException">It is not kept.</exception>
    public void Keep(EnrolmentResponse answer) => DurableFile.Replace(
        _answerPath, JsonSerializer.SerializeToUtf8Bytes(answer, WireJson.Default.EnrolmentResponse), UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Gives key and answer up.</summary>
    public void Drop()
    {
        File.Delete(_answerPath);
        File.Delete(_keyPath);
    }

    /// <summary>True for a file of an identity to come, whose key is not the one in force.</summary>
    public bool Holds(string file, PublicKey inForce)
    {
        if (file != _keyPath && file != _answerPath)
            return false;
        using var key = Read();
        return key is not null && PublicKey.Of(key) != inForce;
    }

    private ECDsa? Read()
    {
        if (!File.Exists(_keyPath))
            return null;

        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(_keyPath));
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null; // A key that cannot be read was never certified by anybody.
        }
    }
}
