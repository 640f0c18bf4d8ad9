using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Keys;

/// <summary>
/// <c>edgefleet key family NAME</c>: gives models keys of their own, by a delegation in the list of packages, which publishers of the fleet sign; later adds and retires
/// those keys. Packages that are listed already move to the family's list, so the family signs too.
/// </summary>
internal static class FamilyCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "The family, for example coffee." };
    private static readonly Option<string[]> Models = new("--model") { Description = "Its models, for example coffee-leaf; the one of the family's own name when it is new and none is given.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<FileInfo[]> Added = new("--add") { Description = "Public keys (.pub) that may sign its packages from now on.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<string[]> Retired = new("--retire") { Description = "Ids, or their first 8 digits or more, of keys that may not any more.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<int?> Threshold = new("--threshold") { Description = "How many of its keys must sign; as before when it is not given." };
    private static readonly Option<FileInfo[]> Signers = new("--sign") { Description = "Private keys (.key) of the family, where its list has to be signed anew.", AllowMultipleArgumentsPerToken = true };

    public static Command Create()
    {
        var command = new Command("family", "Give models keys of their own, and change those. A publisher of the fleet signs it (--key).") { Name, Models, Added, Retired, Threshold, Signers };
        TargetsSigner.AddTo(command);
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var name = Valid(parsed.GetValue(Name)!);
            using var signer = TargetsSigner.Of(parsed) ?? throw new UsageException("A publisher of the fleet signs this: name his key with --key.");
            var metadata = await KeyServerCommands.MetadataAsync(client, cancel);
            if (metadata.Root is null)
                throw new UsageException("This fleet has no root yet, so nobody would check the signatures. Publish one first: edgefleet key root, key sign, key publish.");

            var lists = new Dictionary<string, byte[]>();
            TufTargetsDraft? own = metadata.Families.Any(f => f.Name == name && f.Version > 0) ? TufTargetsDraft.Read(await client.MetadataFileAsync(name, cancel)) : null;
            lists[TufRoles.Targets] = await signer.NextAsync(client, metadata, list => Change(parsed, name, list, own, lists, signer.Ends), cancel);
            var after = await client.PutListsAsync(new ListsRequest(lists), cancel);
            var family = after.Families.Single(f => f.Name == name);
            Printer.One(OutputOptions.Of(parsed), after, ApiJson.Default.MetadataSummary, name, () => Console.Out.WriteLine(
                $"{name}: {string.Join(", ", family.Paths.Select(p => p.Split('/')[0]))}, {family.Threshold} of {string.Join(", ", family.KeyIds.Select(k => k[..12]))}. Publish: edgefleet model push FOLDER --key {name}.key"));
            return ExitCode.Ok;
        }));
        return command;
    }

    // Changes the fleet's list, and puts the family's beside it where that has to follow.
    private static string? Change(ParseResult parsed, string name, TufTargetsDraft list, TufTargetsDraft? own, Dictionary<string, byte[]> lists, DateTimeOffset ends)
    {
        var before = list.Families.FirstOrDefault(f => f.Name == name);
        if (own is not null && before?.Trusts(own) != true)
            return $"the list of the family {name} in force is not signed by its keys.";
        var family = Changed(parsed, name, before);
        if (family.Threshold < 1 || family.Keys.Count < family.Threshold)
            return $"{name} would have {family.Keys.Count} key(s), and {family.Threshold} must sign.";

        list.SetFamily(family);
        var moved = list.Targets.Where(t => family.Covers(t.Key)).ToList();
        if (moved.Count == 0 && (own is null || family.Trusts(own)))
            return null;

        var next = own?.Next(ends) ?? TufTargetsDraft.New(ends);
        foreach (var (path, target) in moved)
        {
            PackageTargets.Move(list, next, path, target);
            Console.Error.WriteLine($"moving {path} {target.Hashes["sha256"][..12]}");
        }

        foreach (var file in parsed.GetValue(Signers) ?? [])
        {
            using var key = KeyFiles.ReadKey(file.FullName);
            next.Sign(key);
        }

        lists[name] = next.ToBytes();
        return family.Trusts(next) ? null : $"the list of {name} has to be signed by {family.Threshold} of its keys ({string.Join(", ", family.Keys.Select(k => k.NewId()[..12]))}): name them with --sign.";
    }

    private static TufFamily Changed(ParseResult parsed, string name, TufFamily? before)
    {
        var models = parsed.GetValue(Models) is { Length: > 0 } given ? given.Select(Valid) : before is null ? [name] : [];
        var ids = before?.Keys.Select(k => k.NewId()).ToList() ?? [];
        var retired = (parsed.GetValue(Retired) ?? []).Select(id => KeyIds.Full(ids, id, name)).ToHashSet();
        return new TufFamily(
            name,
            [.. (before?.Keys ?? []).Where(k => !retired.Contains(k.NewId())).Concat((parsed.GetValue(Added) ?? []).Select(f => KeyFiles.ReadPublic(f.FullName))).DistinctBy(k => k.NewId())],
            parsed.GetValue(Threshold) ?? before?.Threshold ?? 1,
            [.. (before?.Paths ?? []).Concat(models.Select(PackageTargets.PathsOf)).Distinct()]);
    }

    private static string Valid(string name) => Names.IsDnsLabel(name, minLength: 1, maxLength: 64) && !TufRoles.IsTopLevel(name)
        ? name
        : throw new UsageException($"'{name}' is not a name for this: lower-case letters, digits and dashes, and none of root, targets, snapshot and timestamp.");
}
