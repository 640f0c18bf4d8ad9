using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Cli.Rollouts;

/// <summary><c>edgefleet rollout start MODEL@VERSION</c>.</summary>
internal static class StartCommand
{
    public static Command Create()
    {
        var package = new Argument<string>("package") { Description = "Model and version, for example coffee-leaf@2.0.0" };
        var selector = new Option<string>("--selector", "-l") { Description = "Which devices, for example: site=luzon and tag=lab", DefaultValueFactory = _ => "all" };
        var slot = new Option<string?>("--slot") { Description = "Slot it is for; by default the model's name." };
        var waves = new Option<string?>("--waves") { Description = "Cumulative shares, for example 1%,5%,25%,100%" };
        var soak = new Option<double?>("--soak-minutes") { Description = "Minutes to wait after the last report of a wave." };
        var startedBy = new Option<double?>("--started-by-minutes") { Description = "Minutes until a device that has said nothing is silent." };
        var healthyBy = new Option<double?>("--healthy-by-minutes") { Description = "Minutes until a device must have finished." };
        var withoutEvidence = new Option<bool>("--without-evidence") { Description = "Do not compare the running models; only how the updates of the devices themselves end counts." };
        var attempt = new Option<int>("--attempt") { Description = "Raise it to try a package again where it was refused.", DefaultValueFactory = _ => 1 };
        var shadow = new ShadowLimitOptions();
        var share = new Option<double?>("--shadow-share") { Description = "Share of the live samples, 0 to 1, that the version answers beside the model that serves before it serves, for example 0.2." };
        var command = new Command("start", "Start a rollout.") { package, selector, slot, waves, soak, startedBy, healthyBy, withoutEvidence, attempt, share };
        shadow.AddTo(command);
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var (model, version) = Split(parsed.GetValue(package)!);
            var defaults = new GateSettings();
            var gate = defaults with
            {
                SoakMinutes = parsed.GetValue(soak) ?? defaults.SoakMinutes,
                StartedByMinutes = parsed.GetValue(startedBy) ?? defaults.StartedByMinutes,
                HealthyByMinutes = parsed.GetValue(healthyBy) ?? defaults.HealthyByMinutes,
                Evidence = !parsed.GetValue(withoutEvidence),
            };
            var started = await client.StartRolloutAsync(
                new RolloutRequest(model, version, parsed.GetValue(slot), parsed.GetValue(selector)!, Waves(parsed.GetValue(waves)), gate, parsed.GetValue(attempt), Order(parsed.GetValue(share), shadow.Of(parsed))), cancel);
            Printer.One(OutputOptions.Of(parsed), started, ApiJson.Default.RolloutDetail, $"{started.Rollout.Id}", () =>
            {
                RolloutText.Print(started);
                Console.Out.WriteLine();
                Console.Out.WriteLine($"Follow it: edgefleet rollout status {started.Rollout.Id} -w");
            });
            return ExitCode.Ok;
        }));
        return command;
    }

    private static ShadowOrder? Order(double? share, ShadowLimits? limits) => (share, limits) switch
    {
        ({ } some, _) => new ShadowOrder { Share = some, Limits = limits },
        (null, null) => null,
        _ => throw new UsageException("Limits of shadow act only where a share of the samples is answered in shadow. Give --shadow-share too, for example --shadow-share 0.2."),
    };

    private static (string Model, string Version) Split(string package) => package.Split('@') is [{ Length: > 0 } model, { Length: > 0 } version]
        ? (model, version)
        : throw new UsageException($"'{package}' is not a model and version; it looks like coffee-leaf@2.0.0");

    private static double[]? Waves(string? text) => text is null ? null : [.. text.Split(',').Select(part =>
        double.TryParse(part.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 100
            ? part.Trim().EndsWith('%') || share > 1 ? share / 100 : share
            : throw new UsageException($"'{part}' is not a share; waves look like 1%,5%,25%,100%"))];
}
