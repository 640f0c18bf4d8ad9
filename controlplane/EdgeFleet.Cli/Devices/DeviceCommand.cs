using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using Spectre.Console;

namespace EdgeFleet.Cli.Devices;

/// <summary><c>edgefleet device</c>: list and show, and how devices stand.</summary>
internal static class DeviceCommand
{
    public static Command Create()
    {
        var device = new Command("device", "Boards of the fleet.") { List(), Show() };
        foreach (var command in DeviceLifeCommand.All().Concat(DeviceOrderCommand.All()))
            device.Add(command);
        return device;
    }

    private static Command List()
    {
        var selector = new Option<string?>("--selector", "-l") { Description = "For example: site=luzon and tag=lab" };
        var command = new Command("list", "List devices.") { selector };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var devices = await client.DevicesAsync(parsed.GetValue(selector), cancel);
            Printer.List(OutputOptions.Of(parsed), devices, ApiJson.Default.IReadOnlyListDeviceSummary, d => d.Id,
                "No device yet. Make a ticket with: edgefleet token create",
                new("DEVICE", d => d.Id), new("SITE", d => d.Site), new("STATE", d => d.State), new("LAST HEARD", d => Printer.Time(d.LastHeard)),
                new("RUNS", d => string.Join(", ", d.Slots.Select(s => $"{s.Slot}: {s.Active ?? "nothing"}"))),
                new("UPDATE", d => string.Join(", ", d.Slots.Select(s => s.UpdateState))), new("TAGS", d => string.Join(" ", d.Tags)),
                new("WARNINGS", d => d.Warnings == 0 ? "" : d.Warnings.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("device") { Description = "Id of the device." };
        var command = new Command("show", "Show one device: what is wanted, what runs, what is wrong.") { id };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var device = await client.DeviceAsync(parsed.GetValue(id)!, cancel);
            Printer.One(OutputOptions.Of(parsed), device, ApiJson.Default.DeviceDetail, device.Device.Id, () => Print(device));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static void Print(DeviceDetail d)
    {
        Console.Out.WriteLine($"{d.Device.Id} is {d.Device.State}, last heard {Printer.Time(d.Device.LastHeard)}.");
        if (d.Device.Standing is { } standing)
            Console.Out.WriteLine($"{standing}: {d.Device.StandingReason}");
        Console.Out.WriteLine($"Site {(d.Device.Site.Length == 0 ? "(none)" : d.Device.Site)}, tags {(d.Device.Tags.Count == 0 ? "(none)" : string.Join(" ", d.Device.Tags))}, {d.Device.Hardware}, {d.Arch}, {d.Os}, agent {d.Agent}.");
        Console.Out.WriteLine($"Enrolled {Printer.Time(d.Enrolled)}, certificate ends {Printer.Time(d.CertificateEnds)}, desired state {d.DesiredVersion}, answered {d.ReportedDesiredVersion}.");
        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf(d.Device.Slots,
            new("SLOT", s => s.Slot), new("WANTED", s => s.Desired ?? "nothing"), new("RUNS", s => s.Active ?? "nothing"), new("VARIANT", s => s.Variant),
            new("UPDATE", s => s.UpdateState), new("SINCE", s => Printer.Time(s.Since)), new("ANSWERED", s => $"{s.Samples.Answered} of {s.Samples.Read}"), new("WHY", s => s.Held ?? s.Reason ?? (s.Shadow is { Length: > 0 } and not "skipped" ? $"shadow: {s.Shadow}" : null))));
        Console.Out.WriteLine();
        foreach (var line in PowerText.Lines(d))
            Console.Out.WriteLine(line);
        if (d.Warnings.Count > 0)
        {
            Console.Out.WriteLine();
            AnsiConsole.Write(Printer.TableOf(d.Warnings, new("WRONG", w => w.Text), new("WHAT TO DO", w => w.Remedy)));
        }

        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf(d.Streams, new("STREAM", s => s.Stream), new("ACKNOWLEDGED", s => $"{s.Acknowledged}"), new("STORED", s => $"{s.Stored}"),
            new("STEPPED OVER", s => $"{s.Stepped}"), new("LOST", s => $"{s.Lost}")));
        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf([.. d.History.Take(20)], new("WHEN", h => Printer.Time(h.At)), new("WHAT", h => h.What), new("", h => h.Text)));
    }
}
