using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>The link by which whoever can read the data folder makes the first account. It works once.</summary>
internal sealed class SetupLink(UserStore users, IAuditLog audit, DataFolder folder)
{
    /// <summary>The file that holds the link.</summary>
    public string FilePath => folder.PathOf("setup-link.txt");

    /// <summary>Writes the link while nobody has an account; removes it as soon as somebody has. True when there is one.</summary>
    public async Task<bool> RefreshAsync(string address, CancellationToken cancel)
    {
        if (await users.AnyAsync(cancel))
        {
            File.Delete(FilePath);
            return false;
        }

        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        DurableFile.Replace(FilePath, Encoding.UTF8.GetBytes($"{address}/setup/{secret}\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return true;
    }

    /// <summary>True when the secret is that of the link in the file.</summary>
    public bool IsRight(string secret)
    {
        if (!File.Exists(FilePath))
            return false;
        var kept = File.ReadAllText(FilePath).Trim().Split('/')[^1];
        return kept.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(kept), Encoding.UTF8.GetBytes(secret));
    }

    /// <summary>Makes the first account, an admin, and ends the link.</summary>
    public async Task<UserAdded> UseAsync(string secret, string name, string password, CancellationToken cancel)
    {
        if (!IsRight(secret))
            return new UserAdded.Refused("This link is not the one in the data folder, or was used. Read setup-link.txt again, or sign in.");
        var added = await users.AddAsync(name, Policies.Admin, password, onlyIfFirst: true, cancel);
        if (added is UserAdded.Done done)
        {
            File.Delete(FilePath);
            await audit.RecordAsync(done.User.Name, "user.add", $"user {done.User.Name}", "first account, by the set-up link", cancel);
        }

        return added;
    }
}
