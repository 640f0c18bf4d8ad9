using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Alerts;

/// <summary><c>edgefleet alert list|ack|judge</c>.</summary>
internal static class AlertCommand
{
    public static Command Create() => new("alert", "What boards found.") { List(), Acknowledge(), Judge() };

    private static Command List()
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also those that are resolved." };
        var command = new Command("list", "List alerts, urgent ones first.") { all };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var page = await client.AlertsAsync(0, cancel);
            IReadOnlyList<AlertSummary> rows = [.. page.Alerts.Where(a => parsed.GetValue(all) || a.State != "resolved")
                .OrderBy(a => Rank(a.Severity)).ThenByDescending(a => a.Last)];
            Printer.List(OutputOptions.Of(parsed), rows, ApiJson.Default.IReadOnlyListAlertSummary, a => $"{a.Id}", "Nothing needs you now.",
                new("ID", a => $"{a.Id}"), new("SEVERITY", a => a.Severity), new("STATE", a => a.State), new("FINDING", a => a.Label), new("DEVICE", a => a.Device),
                new("SITE", a => a.Site), new("LAST", a => Printer.Time(a.Last)), new("TIMES", a => $"{a.Times}"), new("NOW", a => a.Raised ? "goes on" : "ended"));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Acknowledge()
    {
        var id = new Argument<long>("id") { Description = "Id of the alert." };
        var command = new Command("ack", "Say that you have seen an alert.") { id };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var alert = await client.ActOnAlertAsync(parsed.GetValue(id), new AlertActionRequest(Guid.NewGuid().ToString("n"), "acknowledge"), cancel);
            Printer.One(OutputOptions.Of(parsed), alert, ApiJson.Default.AlertSummary, $"{alert.Id}",
                () => Console.Out.WriteLine($"Alert {alert.Id} ({alert.Label} on {alert.Device}) is {alert.State}."));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Judge()
    {
        var id = new Argument<long>("id") { Description = "Id of the alert." };
        var verdict = new Argument<string>("verdict") { Description = "right, wrong or unsure." };
        verdict.AcceptOnlyFromAmong("right", "wrong", "unsure");
        var label = new Option<string?>("--label") { Description = "With wrong: what it really is, a label of the model." };
        var command = new Command("judge", "Say whether an alert was right; the photo goes with it into edgefleet model pull-samples.") { id, verdict, label };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var request = new AlertActionRequest(Guid.NewGuid().ToString("n"), "verdict", parsed.GetValue(verdict), parsed.GetValue(label));
            var alert = await client.ActOnAlertAsync(parsed.GetValue(id), request, cancel);
            Printer.One(OutputOptions.Of(parsed), alert, ApiJson.Default.AlertSummary, $"{alert.Id}",
                () => Console.Out.WriteLine($"Alert {alert.Id} ({alert.Label} on {alert.Device}) was judged {request.Value}{(request.Label is null ? "" : $", it is {request.Label}")}."));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static int Rank(string severity) => severity switch { "critical" => 0, "warning" => 1, _ => 2 };
}
