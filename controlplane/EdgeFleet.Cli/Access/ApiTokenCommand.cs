using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Access;

/// <summary><c>edgefleet api-token create|list|revoke</c>: bearer tokens for programs, and <c>edgefleet whoami</c>.</summary>
internal static class ApiTokenCommand
{
    public static Command Create() => new("api-token", "Bearer tokens for programs.") { Make(), List(), Revoke() };

    /// <summary><c>edgefleet whoami</c>.</summary>
    public static Command WhoAmI()
    {
        var command = new Command("whoami", "Say who is signed in, where, and as what.");
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var me = await client.MeAsync(cancel);
            Printer.One(OutputOptions.Of(parsed), me, ApiJson.Default.Me, me.User,
                () => Console.Out.WriteLine($"{me.User}, {me.Role}{(me.Sites is { } sites ? $" of {string.Join(" and ", sites)}" : "")}, at {client.Address}"));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Make()
    {
        var purpose = new Option<string?>("--purpose") { Description = "What for; shown in the list." };
        var role = new Option<string?>("--role") { Description = "A role no higher than your own; without one it is your own." };
        var days = new Option<int?>("--days") { Description = "Days until it ends, 1 to 366." };
        var create = new Command("create", "Make a token. It is shown once; programs use it as EDGEFLEET_TOKEN.") { purpose, role, days };
        create.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            if (parsed.GetValue(days) is < 1 or > 366)
                throw new UsageException($"--days is {parsed.GetValue(days)}; 1 to 366 are possible.");
            var made = await client.CreateApiTokenAsync(new TokenRequest(parsed.GetValue(purpose), parsed.GetValue(role), parsed.GetValue(days)), cancel);
            Printer.One(OutputOptions.Of(parsed), made, ApiJson.Default.LoginResponse, made.Token,
                () => Console.Out.WriteLine($"{made.Token}\nof {made.User}, {made.Role}, until {Printer.Time(made.Expires)}. It is not shown again."));
            return ExitCode.Ok;
        }));
        return create;
    }

    private static Command List()
    {
        var list = new Command("list", "List tokens that count: your own, or all for an admin.");
        list.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Printer.List(OutputOptions.Of(parsed), await client.ApiTokensAsync(cancel), ApiJson.Default.IReadOnlyListTokenSummary, t => $"{t.Id}", "There is none.",
                new("ID", t => $"{t.Id}"), new("USER", t => t.User), new("ROLE", t => t.Role), new("PURPOSE", t => t.Purpose), new("MADE", t => Printer.Time(t.Created)), new("ENDS", t => Printer.Time(t.Expires)));
            return ExitCode.Ok;
        }));
        return list;
    }

    private static Command Revoke()
    {
        var id = new Argument<long>("id") { Description = "Number of the token." };
        var revoke = new Command("revoke", "End a token at once.") { id };
        revoke.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            await client.RevokeApiTokenAsync(parsed.GetValue(id), cancel);
            Console.Out.WriteLine($"Token {parsed.GetValue(id)} has ended.");
            return ExitCode.Ok;
        }));
        return revoke;
    }
}
