using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Access;

/// <summary><c>edgefleet token create|open|list|withdraw</c>: tickets with which boards enrol.</summary>
internal static class TokenCommand
{
    private static readonly Option<bool> Qr = new("--qr") { Description = "Also draw the ticket as a QR code." };
    private static readonly Option<bool> CloudInit = new("--cloud-init") { Description = "Print user data for cloud-init in place of the line to run." };

    public static Command Create() => new("token", "Tickets with which boards enrol.") { Make(), Open(), List(), Withdraw() };

    private static Command Make()
    {
        var site = new Option<string?>("--site") { Description = "Site of the boards that use it." };
        var tags = new Option<string[]>("--tag") { Description = "Tag of the boards that use it; may be given several times.", AllowMultipleArgumentsPerToken = true };
        var uses = new Option<int>("--uses") { Description = "How many boards may use it.", DefaultValueFactory = _ => 1 };
        var hours = new Option<double>("--hours") { Description = "Hours until it ends.", DefaultValueFactory = _ => 24 };
        var create = new Command("create", "Make a ticket that lets boards enrol. It is shown once.") { site, tags, uses, hours, Qr, CloudInit };
        create.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var made = await client.CreateTokenAsync(
                new EnrolmentTokenRequest(parsed.GetValue(site), parsed.GetValue(tags) ?? [], parsed.GetValue(uses), parsed.GetValue(hours)), cancel);
            Printer.One(OutputOptions.Of(parsed), made, ApiJson.Default.EnrolmentTokenResponse, made.Ticket,
                () => Show(parsed, made.Ticket, made.Command, $"For {made.Uses} board(s), until {Printer.Time(made.Expires)}."));
            return ExitCode.Ok;
        }));
        return create;
    }

    private static Command Open()
    {
        var open = new Command("open", "Show the ticket without a token, for boards whose key is listed or that ask to be approved. It is no secret.") { Qr, CloudInit };
        open.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var ticket = await client.OpenTicketAsync(cancel);
            Printer.One(OutputOptions.Of(parsed), ticket, ApiJson.Default.OpenTicket, ticket.Ticket,
                () => Show(parsed, ticket.Ticket, ticket.Command, "For any board; one whose key is not listed waits until it is approved (edgefleet enrol waiting)."));
            return ExitCode.Ok;
        }));
        return open;
    }

    private static Command List()
    {
        var list = new Command("list", "List tokens and what is left of them.");
        list.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Printer.List(OutputOptions.Of(parsed), await client.TokensAsync(cancel), ApiJson.Default.IReadOnlyListEnrolmentTokenSummary, t => $"{t.Id}",
                "No token was made yet. Make one with: edgefleet token create",
                new("ID", t => $"{t.Id}"), new("SITE", t => t.Site), new("TAGS", t => string.Join(" ", t.Tags)), new("LEFT", t => $"{t.UsesLeft} of {t.Uses}"),
                new("ENDS", t => Printer.Time(t.Expires)), new("MADE BY", t => t.CreatedBy), new("WITHDRAWN BY", t => t.WithdrawnBy));
            return ExitCode.Ok;
        }));
        return list;
    }

    private static Command Withdraw()
    {
        var id = new Argument<long>("id") { Description = "Number of the token." };
        var withdraw = new Command("withdraw", "End a token before its time.") { id };
        withdraw.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            await client.WithdrawTokenAsync(parsed.GetValue(id), cancel);
            Console.Out.WriteLine($"Token {parsed.GetValue(id)} is withdrawn.");
            return ExitCode.Ok;
        }));
        return withdraw;
    }

    private static void Show(ParseResult parsed, string ticket, string command, string about)
    {
        if (parsed.GetValue(CloudInit))
        {
            Console.Out.Write(EnrolmentWays.CloudInit(ticket)); // Alone, so that it can go into a file.
            return;
        }

        Console.Out.WriteLine($"{about} Run on the board:");
        Console.Out.WriteLine();
        Console.Out.WriteLine("  " + command);
        if (parsed.GetValue(Qr))
            Console.Out.WriteLine("\n" + QrText.Draw(ticket));
    }
}
