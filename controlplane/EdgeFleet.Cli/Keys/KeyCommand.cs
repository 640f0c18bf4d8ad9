using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Keys;

/// <summary>
/// <c>edgefleet key ...</c>: the keys by which a fleet trusts its packages, and the root that lists them. Everything is a file, so a root can go from key
/// to key on a stick; only <see cref="KeyServerCommands"/> and <see cref="FamilyCommand"/> speak with the control plane.
/// </summary>
internal static class KeyCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create() => new("key", "Keys that sign packages, and the root that lists them: files, signed one key after the other.")
    {
        Make(), Show(), Root(), Rotate(), Retire(), Sign(), KeyServerCommands.Online(), KeyServerCommands.Publish(), FamilyCommand.Create(),
    };

    private static Command Make()
    {
        var name = new Argument<FileInfo>("name") { Description = "Path of the pair without an ending: NAME.key stays secret, NAME.pub goes into a root." };
        var kind = new Option<string>("--kind") { Description = "p256 or ed25519.", DefaultValueFactory = _ => "p256" };
        kind.AcceptOnlyFromAmong("p256", "ed25519");
        var locked = new Option<bool>("--passphrase") { Description = "Encrypt the private key with a passphrase: asked for, or EDGEFLEET_KEY_PASSPHRASE. For p256 alone." };
        var command = new Command("make", "Make a key pair.") { name, kind, locked };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var path = parsed.GetValue(name)!.FullName;
            KeyFiles.Absent($"{path}.key", $"{path}.pub");
            if (parsed.GetValue(locked) && parsed.GetValue(kind) == "ed25519")
                throw new UsageException("--passphrase is for p256 keys; keep an ed25519 key on an encrypted stick. No key was made.");
            var passphrase = parsed.GetValue(locked) ? KeyFiles.NewPassphrase() : null;
            using var key = parsed.GetValue(kind) == "ed25519" ? TufSigningKey.NewEd25519() : TufSigningKey.NewEcdsa();
            DurableFile.Replace($"{path}.key", Encoding.ASCII.GetBytes((passphrase is null ? key.ToPem() : key.ToPem(passphrase)).TrimEnd() + "\n"), OwnerOnly);
            DurableFile.Replace($"{path}.pub", Encoding.UTF8.GetBytes(key.Public.ToJson().ToJsonString() + "\n"));
            Console.Out.WriteLine($"{key.Id}\n{path}.key signs: keep it on a stick of its own, and never on the control plane unless it is the online key.");
        }));
        return command;
    }

    private static Command Show()
    {
        var file = new Argument<FileInfo>("file") { Description = "A .key, a .pub, or a root." };
        var before = Before();
        var command = new Command("show", "Show a key, or a root with its roles and who signed it.") { file, before };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var path = parsed.GetValue(file)!.FullName;
            if (path.EndsWith(".key", StringComparison.Ordinal))
            {
                using var key = KeyFiles.ReadKey(path);
                Console.Out.WriteLine($"{key.Id} {key.Public.KeyType}");
            }
            else if (path.EndsWith(".pub", StringComparison.Ordinal))
            {
                var key = KeyFiles.ReadPublic(path);
                Console.Out.WriteLine($"{key.NewId()} {key.KeyType}");
            }
            else
            {
                ShowRoot(KeyFiles.ReadRoot(path), parsed.GetValue(before) is { } earlier ? KeyFiles.ReadRoot(earlier.FullName) : null);
            }
        }));
        return command;
    }

    private static Command Root()
    {
        var target = new Argument<FileInfo>("root") { Description = "The new root, for example 1.root.json." };
        var owners = new Option<FileInfo[]>("--root") { Description = "Public keys (.pub) of those who sign roots.", Required = true, AllowMultipleArgumentsPerToken = true };
        var threshold = new Option<int>("--threshold") { Description = "How many of them must sign.", DefaultValueFactory = _ => 1 };
        var publishers = new Option<FileInfo[]>("--targets") { Description = "Public keys that sign which models there are.", Required = true, AllowMultipleArgumentsPerToken = true };
        var online = new Option<FileInfo>("--online") { Description = "Public key of the control plane, for snapshot and timestamp.", Required = true };
        var years = Years();
        var command = new Command("root", "Begin the first root of a fleet. It must be signed before it counts.") { target, owners, threshold, publishers, online, years };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var path = parsed.GetValue(target)!.FullName;
            KeyFiles.Absent(path);
            var root = TufRootDraft.New(Ends(parsed.GetValue(years)));
            foreach (var file in parsed.GetValue(owners)!)
                root.Trust(TufRoles.Root, KeyFiles.ReadPublic(file.FullName));
            root.SetThreshold(TufRoles.Root, parsed.GetValue(threshold));
            foreach (var file in parsed.GetValue(publishers)!)
                root.Trust(TufRoles.Targets, KeyFiles.ReadPublic(file.FullName));
            foreach (var role in (string[])[TufRoles.Snapshot, TufRoles.Timestamp])
                root.Trust(role, KeyFiles.ReadPublic(parsed.GetValue(online)!.FullName));
            Write(path, root, null);
        }));
        return command;
    }

    private static Command Rotate()
    {
        var (from, target, years) = (From(), Target(), Years());
        var role = new Option<string>("--role") { Description = "root, targets, or online for snapshot and timestamp.", Required = true };
        role.AcceptOnlyFromAmong(TufRoles.Root, TufRoles.Targets, TufRoles.Snapshot, TufRoles.Timestamp, "online");
        var added = new Option<FileInfo[]>("--add") { Description = "Public keys that may sign from now on.", AllowMultipleArgumentsPerToken = true };
        var retired = new Option<string[]>("--retire") { Description = "Ids, or their first 8 digits or more, of keys that may not any more.", AllowMultipleArgumentsPerToken = true };
        var threshold = new Option<int?>("--threshold") { Description = "How many keys must sign; as before when it is not given." };
        var command = new Command("rotate", "Make the next root, with other keys for a role.") { from, target, role, added, retired, threshold, years };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var before = KeyFiles.ReadRoot(parsed.GetValue(from)!.FullName);
            var next = before.Next(Ends(parsed.GetValue(years)));
            foreach (var name in parsed.GetValue(role) is "online" ? [TufRoles.Snapshot, TufRoles.Timestamp] : new[] { parsed.GetValue(role)! })
            {
                foreach (var file in parsed.GetValue(added) ?? [])
                    next.Trust(name, KeyFiles.ReadPublic(file.FullName));
                foreach (var id in parsed.GetValue(retired) ?? [])
                    next.Retire(name, KeyIds.Full(before.KeyIds(name), id, name));
                if (parsed.GetValue(threshold) is { } count)
                    next.SetThreshold(name, count);
            }

            KeyFiles.Absent(parsed.GetValue(target)!.FullName);
            Write(parsed.GetValue(target)!.FullName, next, before);
        }));
        return command;
    }

    private static Command Retire()
    {
        var (from, target, years) = (From(), Target(), Years());
        var id = new Argument<string>("id") { Description = "Id of the key, or its first 8 digits or more." };
        var command = new Command("retire", "Make the next root, in which a key counts for no role any more.") { from, target, id, years };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var before = KeyFiles.ReadRoot(parsed.GetValue(from)!.FullName);
            var next = before.Next(Ends(parsed.GetValue(years)));
            string[] roles = [TufRoles.Root, TufRoles.Targets, TufRoles.Snapshot, TufRoles.Timestamp];
            var full = KeyIds.Full([.. roles.SelectMany(before.KeyIds).Distinct()], parsed.GetValue(id)!, "the root");
            foreach (var role in roles)
                next.Retire(role, full);
            KeyFiles.Absent(parsed.GetValue(target)!.FullName);
            Write(parsed.GetValue(target)!.FullName, next, before);
        }));
        return command;
    }

    private static Command Sign()
    {
        var file = new Argument<FileInfo>("root") { Description = "Root to sign; the signature is written into it." };
        var with = new Option<FileInfo>("--key") { Description = "Private key (.key).", Required = true };
        var before = Before();
        var command = new Command("sign", "Sign a root with one key.") { file, with, before };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var root = KeyFiles.ReadRoot(parsed.GetValue(file)!.FullName);
            var earlier = parsed.GetValue(before) is { } old ? KeyFiles.ReadRoot(old.FullName) : null;
            using var key = KeyFiles.ReadKey(parsed.GetValue(with)!.FullName);
            if (earlier is null && root.Version > 1)
                throw new UsageException($"Root {root.Version} must be signed by keys of root {root.Version - 1} too. Name that one with --before.");
            if (!root.Sign(key, earlier))
                throw new UsageException($"Key {key.Id[..12]} is no root key of this root, nor of the one before it. Nothing was signed.");
            Write(parsed.GetValue(file)!.FullName, root, earlier);
        }));
        return command;
    }

    private static void Write(string path, TufRootDraft root, TufRootDraft? before)
    {
        if (root.Faults() is { Count: > 0 } faults)
            throw new UsageException($"This root would not work: {string.Join(" ", faults)} Nothing was written.");
        DurableFile.Replace(path, root.ToBytes());
        ShowRoot(root, before);
    }

    private static void ShowRoot(TufRootDraft root, TufRootDraft? before)
    {
        Console.Out.WriteLine($"Root {root.Version} until {root.Expires}");
        foreach (var role in (string[])[TufRoles.Root, TufRoles.Targets, TufRoles.Snapshot, TufRoles.Timestamp])
        {
            Console.Out.WriteLine($"  {role}: {root.Threshold(role)} of {root.KeyIds(role).Count}");
            foreach (var id in root.KeyIds(role))
                Console.Out.WriteLine($"    {id} {root.KindOf(id)}{(role == TufRoles.Root && root.IsSignedBy(id) ? " signed" : "")}");
        }

        var (own, earlier) = root.Missing(before);
        Console.Out.WriteLine(own + earlier == 0 ? "It is whole." : $"Signatures missing: {own} by its own root keys, {earlier} by those of the root before it. Next: edgefleet key sign");
    }

    private static Argument<FileInfo> From() => new("root") { Description = "The root that is in force." };

    private static Argument<FileInfo> Target() => new("next") { Description = "The next root, for example 2.root.json." };

    private static Option<FileInfo?> Before() => new("--before") { Description = "The root before this one, whose keys must sign as well." };

    private static Option<int> Years() => new("--years") { Description = "Years until it ends.", DefaultValueFactory = _ => 2 };

    private static DateTimeOffset Ends(int years) => years is >= 1 and <= 20
        ? TimeProvider.System.GetUtcNow().AddYears(years)
        : throw new UsageException($"--years is {years}; 1 to 20 are possible.");
}
