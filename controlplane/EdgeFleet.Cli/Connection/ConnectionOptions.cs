using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Cli.Connection;

/// <summary>
/// Which control plane, and as whom: the options, else EDGEFLEET_URL, EDGEFLEET_TOKEN and EDGEFLEET_CA, else the last <c>edgefleet login</c>.
/// </summary>
internal static class ConnectionOptions
{
    private static readonly Option<Uri?> Url = new("--url") { Description = "Address of the control plane (EDGEFLEET_URL).", Recursive = true, HelpName = "URL", CustomParser = ParseUrl };
    private static readonly Option<string?> Token = new("--token") { Description = "Bearer token (EDGEFLEET_TOKEN).", Recursive = true, HelpName = "TOKEN" };
    private static readonly Option<FileInfo?> Ca = new("--ca") { Description = "The control plane's own CA, a PEM file (EDGEFLEET_CA).", Recursive = true, HelpName = "FILE" };

    public static void AddTo(RootCommand root)
    {
        root.Add(Url);
        root.Add(Token);
        root.Add(Ca);
    }

    /// <summary>Reads an address from one word of the command line.</summary>
    public static Uri? ParseUrl(System.CommandLine.Parsing.ArgumentResult result)
    {
        var word = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(word, UriKind.Absolute, out var url) && url.Scheme is "https" or "http")
            return url;

        result.AddError($"'{word}' is not the address of a control plane; it looks like https://fleet.example:8443");
        return null;
    }

    /// <summary>Runs an action with a client and turns refusals into text and exit code.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Func<FleetClient, Task<int>> action, Uri? url = null)
    {
        try
        {
            var profile = Resolve(parsed, url);
            using var ca = profile.CaPem is { } pem ? X509Certificate2.CreateFromPem(pem) : null;
            using var client = new FleetClient(profile.Url, profile.Token, ca);
            return await action(client);
        }
        catch (FleetApiException e)
        {
            Printer.Error(e.Message);
            return ExitCode.Of(e);
        }
        catch (UsageException e)
        {
            Printer.Error(e.Message);
            return ExitCode.Usage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or InvalidOperationException or TufException)
        {
            Printer.Error(e.Message);
            return ExitCode.Failed;
        }
    }

    /// <summary>The control plane that the options, the environment or the last sign-in name.</summary>
    public static Profile Resolve(ParseResult parsed, Uri? url = null)
    {
        var kept = Profile.Load();
        var chosen = url ?? parsed.GetValue(Url) ?? FromEnvironment("EDGEFLEET_URL", AddressOf) ?? kept?.Url
            ?? throw new UsageException("No control plane is named. Run: edgefleet login URL");
        // A token is never sent to another control plane than the one it came from.
        var same = kept is not null && kept.Url == chosen;
        return new Profile(
            chosen,
            parsed.GetValue(Token) ?? FromEnvironment("EDGEFLEET_TOKEN", t => t) ?? (same ? kept!.Token : null),
            ReadCa(parsed.GetValue(Ca)?.FullName ?? FromEnvironment("EDGEFLEET_CA", t => t)) ?? (same ? kept!.CaPem : null));
    }

    private static Uri AddressOf(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http"
        ? url
        : throw new UsageException($"EDGEFLEET_URL is '{text}', which is not the address of a control plane; it looks like https://fleet.example:8443");

    private static string? ReadCa(string? path) => path is null ? null
        : File.Exists(path) ? File.ReadAllText(path)
        : throw new UsageException($"The CA file {path} is not there.");

    private static T? FromEnvironment<T>(string name, Func<string, T> read)
        where T : class => Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? read(text) : null;
}

/// <summary>The call's words are off; the text says how.</summary>
internal sealed class UsageException(string message) : Exception(message);
