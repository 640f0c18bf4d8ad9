using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using PublicKey = EdgeFleet.Shared.Trust.PublicKey;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>
/// The identity on disk. <c>device.json</c> holds all but the private key, which stands beside it in a file (0600) that is named by its public half.
/// Replacing <c>device.json</c> is the one step that puts an identity into force, so at any power cut the old or the new one stands, whole.
/// </summary>
internal sealed class IdentityStore
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int KeyNameLength = 16;

    private readonly string _folder;

    /// <summary>The identity in a state folder.</summary>
    public IdentityStore(string stateFolder)
    {
        _folder = Path.Combine(stateFolder, "identity");
        Next = new NextIdentity(_folder);
    }

    /// <summary>Raised after another identity was put here by this process, or found by <see cref="LookAgain"/>.</summary>
    public event Action? Changed;

    /// <summary>What is on its way in.</summary>
    public NextIdentity Next { get; }

    /// <summary>True when an enrolment was finished here, whether or not it can be used.</summary>
    public bool IsEnrolled => File.Exists(DevicePath);

    /// <summary>Changes when another identity is put here.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(DevicePath);

    private string LockPath => Path.Combine(_folder, "lock");

    private string DevicePath => Path.Combine(_folder, "device.json");

    /// <summary>Reads the identity.</summary>
    public IdentityFound Load()
    {
        try
        {
            while (IsEnrolled)
            {
                var device = File.ReadAllBytes(DevicePath);
                try
                {
                    var assigned = JsonSerializer.Deserialize(device, WireJson.Default.EnrolmentResponse) ?? throw new JsonException("device.json is 'null'.");
                    return new IdentityFound.Enrolled(WithKey(assigned));
                }
                catch (FileNotFoundException) when (!File.ReadAllBytes(DevicePath).AsSpan().SequenceEqual(device))
                {
                    // Another identity came into force meanwhile, and the key of the one that was read was thrown away.
                }
            }

            return new IdentityFound.NotEnrolled();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or CryptographicException or ArgumentException)
        {
            return new IdentityFound.Damaged($"The identity in {_folder} cannot be used: {e.Message}");
        }
    }

    /// <summary>Puts an identity into force; an old one is in force until the last step.</summary>
    /// <exception cref="IOException">It was not written; what was in force still is.</exception>
    public void Save(EnrolmentResponse assigned, ECDsa key)
    {
        try
        {
            Directory.CreateDirectory(_folder, OwnerOnly | UnixFileMode.UserExecute);
            using var held = Hold() ?? throw new IOException($"{_folder} is held by another process of the agent. Try again.");
            DurableFile.Replace(KeyPath(PublicKey.Of(key)), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()), OwnerOnly);
            DurableFile.Replace(DevicePath, JsonSerializer.SerializeToUtf8Bytes(assigned, WireJson.Indented.EnrolmentResponse), OwnerOnly);
            Clean();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The identity was not written: {e.Message} Run this as the agent's user.", e);
        }

        Changed?.Invoke();
    }

    /// <summary>Says that the identity changed, after another process put one here.</summary>
    public void LookAgain() => Changed?.Invoke();

    /// <summary>Removes what a renewal that was cut short, or an earlier identity, left behind.</summary>
    public void Sweep()
    {
        // Another process may just be putting an identity here: between its key and its device.json nothing may be thrown away.
        using var held = Directory.Exists(_folder) ? Hold() : null;
        if (held is not null)
            Clean();
    }

    private void Clean()
    {
        if (Load() is not IdentityFound.Enrolled enrolled)
            return; // Nothing is thrown away while what is in force cannot be read.

        using var identity = enrolled.Identity;
        using var certified = identity.Certificate.GetECDsaPublicKey()!;
        var inForce = KeyInForce(PublicKey.Of(certified));
        foreach (var file in Directory.EnumerateFiles(_folder).Where(f => f != DevicePath && f != inForce && f != LockPath && !Next.Holds(f, PublicKey.Of(certified))))
            File.Delete(file);
    }

    // Others hold it for the time of a few writes; whoever finds it held comes again later.
    private FileStream? Hold()
    {
        try
        {
            return new FileStream(LockPath, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = OwnerOnly });
        }
        catch (IOException)
        {
            return null;
        }
    }

    private DeviceIdentity WithKey(EnrolmentResponse assigned)
    {
        using var certificate = X509Certificate2.CreateFromPem(assigned.Certificate);
        using var certified = certificate.GetECDsaPublicKey() ?? throw new CryptographicException("The certificate is not for an ECDSA key.");
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(KeyInForce(PublicKey.Of(certified))));
        return new DeviceIdentity(assigned, certificate.CopyWithPrivateKey(key), X509Certificate2.CreateFromPem(assigned.Ca));
    }

    // The first agents had one name for every key; it stays until the next identity comes into force.
    private string KeyInForce(PublicKey key) =>
        !File.Exists(KeyPath(key)) && Path.Combine(_folder, "key.pem") is var first && File.Exists(first) ? first : KeyPath(key);

    private string KeyPath(PublicKey key) => Path.Combine(_folder, $"key-{key.Id[..KeyNameLength]}.pem");
}
