using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Access;

/// <summary><c>edgefleet token create</c>: a ticket that lets a board enrol.</summary>
internal static class TokenCommand
{
    public static Command Create()
    {
        var site = new Option<string?>("--site") { Description = "Site of the boards that use it." };
        var tags = new Option<string[]>("--tag") { Description = "Tag of the boards that use it; may be given several times.", AllowMultipleArgumentsPerToken = true };
        var uses = new Option<int>("--uses") { Description = "How many boards may use it.", DefaultValueFactory = _ => 1 };
        var hours = new Option<double>("--hours") { Description = "Hours until it ends.", DefaultValueFactory = _ => 24 };
        var create = new Command("create", "Make a ticket that lets a board enrol. It is shown once.") { site, tags, uses, hours };
        create.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var made = await client.CreateTokenAsync(
                new EnrolmentTokenRequest(parsed.GetValue(site), parsed.GetValue(tags) ?? [], parsed.GetValue(uses), parsed.GetValue(hours)), cancel);
            Printer.One(OutputOptions.Of(parsed), made, ApiJson.Default.EnrolmentTokenResponse, made.Ticket, () =>
            {
                Console.Out.WriteLine($"For {made.Uses} board(s), until {Printer.Time(made.Expires)}. Run on the board:");
                Console.Out.WriteLine();
                Console.Out.WriteLine("  " + made.Command);
            });
            return ExitCode.Ok;
        }));
        return new Command("token", "Enrolment of boards.") { create };
    }
}
