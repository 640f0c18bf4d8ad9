using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using Spectre.Console;

namespace EdgeFleet.Cli.Access;

/// <summary><c>edgefleet login URL</c>: signs in and keeps a token for the next commands.</summary>
internal static class LoginCommand
{
    public static Command Create()
    {
        var url = new Argument<Uri?>("url") { Description = "Address of the control plane, for example https://fleet.example:8443", CustomParser = ConnectionOptions.ParseUrl };
        var user = new Option<string?>("--user", "-u") { Description = "Account." };
        var passwordFromInput = new Option<bool>("--password-stdin") { Description = "Read the password from standard input." };
        var command = new Command("login", "Sign in to a control plane.") { url, user, passwordFromInput };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async _ =>
        {
            var profile = ConnectionOptions.Resolve(parsed, parsed.GetValue(url));
            var name = parsed.GetValue(user) ?? Ask("User: ");
            var password = await Secret.ReadAsync(parsed.GetValue(passwordFromInput), "Password: ", cancel);
            using var ca = profile.CaPem is { } pem ? System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(pem) : null;
            using var client = new FleetClient(profile.Url, null, ca);
            var session = await client.LoginAsync(new LoginRequest(name, password, "command line"), cancel);
            (profile with { Token = session.Token }).Save();
            Console.Out.WriteLine($"Signed in to {profile.Url} as {session.User} ({session.Role}) until {Printer.Time(session.Expires)}.");
            return ExitCode.Ok;
        }, parsed.GetValue(url)));
        return command;
    }

    private static string Ask(string prompt) => Console.IsInputRedirected
        ? throw new UsageException("There is no terminal to ask at. Give --user NAME and --password-stdin.")
        : AnsiConsole.Prompt(new TextPrompt<string>(prompt));
}
