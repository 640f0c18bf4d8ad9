using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>
/// The identity on disk: <c>key.pem</c> (0600), <c>device.pem</c>, <c>ca.pem</c> and, written last, <c>device.json</c>. Without the last one
/// the others mean nothing, so an enrolment that was cut short is never taken for an identity.
/// </summary>
internal sealed class IdentityStore(string stateFolder)
{
    private readonly string _folder = Path.Combine(stateFolder, "identity");

    private string DevicePath => Path.Combine(_folder, "device.json");

    /// <summary>True when an enrolment was finished here, whether or not it can be used.</summary>
    public bool IsEnrolled => File.Exists(DevicePath);

    /// <summary>Changes when another identity is put here.</summary>
    public DateTime WrittenAt => File.GetLastWriteTimeUtc(DevicePath);

    /// <summary>Reads the identity.</summary>
    public IdentityFound Load()
    {
        if (!IsEnrolled)
            return new IdentityFound.NotEnrolled();

        try
        {
            var assigned = JsonSerializer.Deserialize(File.ReadAllBytes(DevicePath), WireJson.Default.EnrolmentResponse)
                ?? throw new JsonException("device.json is 'null'.");
            var certificate = X509Certificate2.CreateFromPem(Read("device.pem"), Read("key.pem"));
            return new IdentityFound.Enrolled(new DeviceIdentity(assigned, certificate, X509Certificate2.CreateFromPem(Read("ca.pem"))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or CryptographicException or ArgumentException)
        {
            return new IdentityFound.Damaged($"The identity in {_folder} cannot be used: {e.Message}");
        }
    }

    /// <summary>Writes an identity whole; an old one is out of force from the first step on.</summary>
    /// <exception cref="IOException">It was not written; the board is not enrolled.</exception>
    public void Save(EnrolmentResponse assigned, ECDsa key)
    {
        try
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            DurableFile.Delete(DevicePath);
            Write("key.pem", key.ExportPkcs8PrivateKeyPem(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Write("device.pem", assigned.Certificate);
            Write("ca.pem", assigned.Ca);
            DurableFile.Replace(DevicePath, JsonSerializer.SerializeToUtf8Bytes(assigned, WireJson.Indented.EnrolmentResponse));
            DurableFile.SyncFolderOf(_folder);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The identity was not written: {e.Message} Run this as the agent's user.", e);
        }
    }

    private string Read(string name) => File.ReadAllText(Path.Combine(_folder, name));

    private void Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead) =>
        DurableFile.Replace(Path.Combine(_folder, name), Encoding.UTF8.GetBytes(text), mode);
}
