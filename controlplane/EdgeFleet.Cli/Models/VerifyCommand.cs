using System.CommandLine;
using System.Text.Json;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Inspecting;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model verify PACKAGE</c>: signature, hashes, manifest, and the golden answers asked anew.</summary>
internal sealed class VerifyCommand
{
    private readonly Argument<DirectoryInfo> _package = new("PACKAGE") { Description = "Folder of the package." };
    private readonly Option<FileInfo?> _root = new("--root") { Description = "Trusted root that the signed list of models begins with (edgefleet key root)." };
    private readonly Option<string?> _repository = new("--repository") { Description = "Where the signed list is: a folder or an address.", HelpName = "FOLDER|URL" };
    private readonly Option<string?> _target = new("--target") { Description = "The manifest's path in the signed list; by default NAME/VERSION/manifest.json." };

    public static Command Create() => new VerifyCommand().Build();

    private Command Build()
    {
        var command = new Command("verify", "Check a package as boards and servers do: manifest, hashes, preparation and golden answers; with --root and --repository also that it is the published one. Ends with 1 when it fails.")
        {
            _package, _root, _repository, _target,
        };
        command.SetAction((parsed, cancel) => RunAsync(parsed, cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var folder = parsed.GetValue(_package)!.FullName;
        var (signature, isSigned, code) = (default(string), false, ExitCode.Ok);
        var asked = LocalRun.Of(() =>
        {
            if (!Directory.Exists(folder)) throw new UsageException($"{folder} does not exist. Give the folder of a package.");
            if ((parsed.GetValue(_root) is null) != (parsed.GetValue(_repository) is null)) throw new UsageException("Give --root and --repository together.");
            return ExitCode.Ok;
        });
        if (asked != ExitCode.Ok) return asked;

        if (parsed.GetValue(_root) is { } root)
        {
            try
            {
                signature = await SignatureAsync(folder, root, parsed.GetValue(_repository)!, parsed.GetValue(_target), cancel);
                isSigned = signature is null;
            }
            catch (Exception failed) when (failed is PackException or IOException or UnauthorizedAccessException or HttpRequestException)
            {
                signature = $"The signature could not be asked: {failed.Message}";
            }
        }

        return LocalRun.Of(() =>
        {
            var verdict = PackageVerifier.Verify(folder, cancel);
            if (!verdict.Passed || signature is not null) code = ExitCode.Failed;
            Print(folder, verdict, signature, isSigned, OutputOptions.Of(parsed));
            return code;
        });
    }

    private static async Task<string?> SignatureAsync(string folder, FileInfo root, string repository, string? target, CancellationToken cancel)
    {
        var manifest = PackageSheet.Read(folder).Manifest;
        var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json"), cancel);
        using var http = new HttpClient();
        return await PackageSignature.FaultAsync(
            bytes, target ?? PackageSignature.PathOf(manifest.Name, manifest.Version), await File.ReadAllBytesAsync(root.FullName, cancel), RepositoryAt(repository, http), TimeProvider.System.GetUtcNow(), cancel);
    }

    private static TufRepository RepositoryAt(string place, HttpClient http)
    {
        if (Uri.TryCreate(place, UriKind.Absolute, out var url) && url.Scheme is "https" or "http")
        {
            TufFetch fetch = async (path, bytesMax, cancel) =>
            {
                using var response = await http.GetAsync(new Uri(new Uri(url.ToString().TrimEnd('/') + "/"), path), HttpCompletionOption.ResponseHeadersRead, cancel);
                if (response.StatusCode == System.Net.HttpStatusCode.NotFound) return null;
                response.EnsureSuccessStatusCode();
                await using var stream = await response.Content.ReadAsStreamAsync(cancel);
                return await TufRepository.ReadAsync(stream, bytesMax, cancel);
            };
            return new TufRepository(fetch, fetch);
        }

        if (!Directory.Exists(place)) throw new PackException($"The repository {place} is neither an address nor a folder that exists.");
        TufFetch read = async (path, bytesMax, cancel) =>
        {
            var file = Path.GetFullPath(Path.Combine(place, path));
            if (!file.StartsWith(Path.GetFullPath(place) + Path.DirectorySeparatorChar, StringComparison.Ordinal) || !File.Exists(file)) return null;
            await using var stream = File.OpenRead(file);
            return await TufRepository.ReadAsync(stream, bytesMax, cancel);
        };
        return new TufRepository(read, read);
    }

    private static void Print(string folder, PackageVerdict verdict, string? signature, bool isSigned, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Json or OutputFormat.Ndjson:
                Console.Out.WriteLine(Json(verdict, signature, isSigned));
                break;
            case OutputFormat.Name:
                Console.Out.WriteLine(verdict.Passed && signature is null ? "passed" : "failed");
                break;
            default:
                Say(verdict.Sound, "Manifest, hashes and preparation", verdict.Sound ? "whole" : string.Join(" ", verdict.Faults));
                foreach (var variant in verdict.Variants) Say(variant.Passed, $"Golden answers of {variant.Name}", variant.Summary);
                if (signature is not null || isSigned) Say(signature is null, "Signature", signature ?? "the signed list names this very manifest");
                else Console.Out.WriteLine("○ Signature: not asked. Give --root and --repository.");
                Console.Out.WriteLine(verdict.Passed && signature is null ? $"{folder} passes." : $"{folder} does not pass. Do not send it out.");
                break;
        }
    }

    private static void Say(bool isWell, string what, string words) => Console.Out.WriteLine($"{(isWell ? '✓' : '✕')} {what}: {words.TrimEnd('.')}.");

    private static string Json(PackageVerdict verdict, string? signature, bool isSigned)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteBoolean("passed", verdict.Passed && signature is null);
            json.WriteString("signature", isSigned ? "signed" : signature ?? "not asked");
            json.WritePropertyName("verdict");
            json.WriteRawValue(verdict.ToJson());
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
