using System.CommandLine;
using System.Text;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.Cli.Keys;

/// <summary><c>edgefleet key online</c> and <c>key publish</c>: the two steps in which roots meet the control plane.</summary>
internal static class KeyServerCommands
{
    /// <summary>Fetches the public half of the key that the control plane made for itself.</summary>
    public static Command Online()
    {
        var target = new Argument<FileInfo>("file") { Description = "File to write, for example online.pub." };
        var command = new Command("online", "Fetch the control plane's public key, which a root names for snapshot and timestamp.") { target };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var path = parsed.GetValue(target)!.FullName;
            KeyFiles.Absent(path);
            var metadata = await MetadataAsync(client, cancel);
            DurableFile.Replace(path, Encoding.UTF8.GetBytes(metadata.OnlineKey + "\n"));
            Console.Out.WriteLine($"{KeyFiles.ReadPublic(path).NewId()}\n{path} goes into a root: edgefleet key root --online {path}");
            return ExitCode.Ok;
        }));
        return command;
    }

    /// <summary>Puts a root into force.</summary>
    public static Command Publish()
    {
        var file = new Argument<FileInfo>("root") { Description = "A root that is whole." };
        var command = new Command("publish", "Put a root into force. From the first one on, boards take signed packages alone.") { file };
        TargetsSigner.AddTo(command);
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var root = await File.ReadAllBytesAsync(parsed.GetValue(file)!.FullName, cancel);
            using var signer = TargetsSigner.Of(parsed);
            var before = await MetadataAsync(client, cancel);
            var targets = signer is not null && before.TargetsVersion > 0 ? await signer.NextAsync(client, before, Show, cancel) : null;
            var after = await client.PutRootAsync(new RootRequest(root, targets), cancel);
            Printer.One(OutputOptions.Of(parsed), after, ApiJson.Default.MetadataSummary, after.Root!, () =>
            {
                Console.Out.WriteLine($"Root {after.RootVersion} is in force until {after.RootEnds:yyyy-MM-dd}: {after.Root}");
                if (before.Root is null)
                    Console.Out.WriteLine("New tickets pin it. Boards enrolled before take it at the next renewal (edgefleet-agent renew). Sign the packages that boards run: edgefleet model push FOLDER --key PUBLISHER.key");
            });
            return ExitCode.Ok;
        }));
        return command;
    }

    // Whoever signs a list anew stands for everything in it, so it is shown.
    private static string? Show(EdgeFleet.Shared.Trust.Tuf.TufTargetsDraft list)
    {
        foreach (var (path, target) in list.Targets.OrderBy(t => t.Key, StringComparer.Ordinal))
            Console.Error.WriteLine($"signing {path} {target.Hashes["sha256"][..12]}");
        return null;
    }

    /// <summary>What is in force.</summary>
    public static async Task<MetadataSummary> MetadataAsync(FleetClient client, CancellationToken cancel) =>
        await client.MetadataAsync(cancel) ?? throw new UsageException("This control plane is older and knows of no signed packages. Update it first.");
}
