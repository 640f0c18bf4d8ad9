using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Keys;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model push FOLDER</c>: sends the files that the server lacks, then publishes.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("package") { Description = "Folder that edgefleet model pack made." };
        var unproven = new Option<bool>("--allow-unproven") { Description = "Keep a package that fails the server's check, for boards tagged lab alone. Needs an admin." };
        var command = new Command("push", "Publish a package. The server checks it; --key signs it, so that boards take it.") { folder, unproven };
        TargetsSigner.AddTo(command);
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            using var signer = TargetsSigner.Of(parsed);
            var published = await PushAsync(client, parsed.GetValue(folder)!.FullName, parsed.GetValue(unproven), signer, cancel);
            Printer.One(OutputOptions.Of(parsed), published, ApiJson.Default.PackageSummary, $"{published.Name}@{published.Version}", () =>
            {
                Console.Out.WriteLine($"{published.Name} {published.Version} is {published.State}. {published.Reason}");
                Console.Out.WriteLine($"Send it out: edgefleet rollout start {published.Name}@{published.Version}");
            });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<PackageSummary> PushAsync(FleetClient client, string folder, bool allowUnproven, TargetsSigner? signer, CancellationToken cancel)
    {
        var manifestPath = Path.Combine(folder, "manifest.json");
        if (!File.Exists(manifestPath))
            throw new UsageException($"{folder} is not a package: it has no manifest.json. Make one with: edgefleet model pack");

        var bytes = await File.ReadAllBytesAsync(manifestPath, cancel);
        Manifest manifest;
        try
        {
            manifest = ManifestReader.Read(bytes);
        }
        catch (ManifestException e)
        {
            throw new UsageException($"{manifestPath}: {e.Message}");
        }

        var digest = Sha256Digest.Of(bytes);
        // Before anything is sent: whoever lacks the key need not wait for the upload.
        var targets = await SignedListAsync(client, signer, new PackageRef { Name = manifest.Name, Version = manifest.Version, Digest = digest, Size = bytes.Length }, manifest.ReleaseFloor, cancel);
        var files = manifest.AllFiles
            .Append(new FileRef { Path = "manifest.json", Digest = digest, Size = bytes.Length })
            .DistinctBy(f => f.Digest).ToDictionary(f => f.Digest.Value);
        var missing = await client.MissingAsync([.. files.Keys], cancel);
        await SendAsync(client, folder, [.. missing.Select(m => files[m])], cancel);
        return await client.PublishAsync(new PublishRequest(digest.Value, allowUnproven, targets?.List, targets?.Family), cancel);
    }

    private static async Task<(string? Family, byte[] List)?> SignedListAsync(FleetClient client, TargetsSigner? signer, PackageRef package, string floor, CancellationToken cancel)
    {
        var metadata = await client.MetadataAsync(cancel);
        if (signer is null)
        {
            return metadata?.Root is null
                ? null
                : throw new UsageException("Packages of this fleet are signed. Name the publisher's key: edgefleet model push FOLDER --key PUBLISHER.key");
        }

        if (metadata is null)
            throw new UsageException("This control plane is older and takes no signatures. Update it first, or push without --key.");
        if (metadata.Root is null)
            throw new UsageException("This fleet has no root yet, so nobody would check the signature. Publish one first (edgefleet key root, key sign, key publish), or push without --key.");
        return await signer.NextForAsync(client, metadata, PackageTargets.PathOf(package.Name, package.Version), list => PackageTargets.Add(list, package, floor), cancel);
    }

    private static async Task SendAsync(FleetClient client, string folder, IReadOnlyList<FileRef> files, CancellationToken cancel)
    {
        // Progress goes to standard error, so that standard output stays the result.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Capabilities.Interactive)
        {
            foreach (var file in files)
                await PutAsync(client, folder, file, cancel);
            return;
        }

        await console.Progress().AutoClear(true).StartAsync(async context =>
        {
            var task = context.AddTask("Sending", maxValue: Math.Max(1, files.Sum(f => (double)f.Size)));
            foreach (var file in files)
            {
                await PutAsync(client, folder, file, cancel);
                task.Increment(file.Size);
            }
        });
    }

    private static async Task PutAsync(FleetClient client, string folder, FileRef file, CancellationToken cancel)
    {
        var path = Path.Combine(folder, file.Path);
        if (!File.Exists(path))
            throw new UsageException($"The package lacks {file.Path}, which its manifest names. Pack it again.");
        await using var content = File.OpenRead(path);
        await client.PutFileAsync(file.Digest, content, cancel);
    }
}
