using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Samples;

/// <summary><c>edgefleet model pull-samples</c>: photos that staff judged, as a labelled folder for the next training, with their provenance.</summary>
internal sealed class PullSamplesCommand
{
    private readonly Option<DirectoryInfo> _out = new("--out") { Description = "Folder to fill: LABEL/*.jpg, _unsettled/*.jpg, provenance.csv. It can be filled again.", Required = true };
    private readonly Option<string?> _model = new("--model") { Description = "Only answers of this model.", HelpName = "NAME[@VERSION]" };
    private readonly Option<string?> _site = new("--site") { Description = "Only devices of this site." };
    private readonly Option<string?> _since = new("--since") { Description = "Only what was judged from this day on (UTC).", HelpName = "2026-11-01" };

    public static Command Create() => new PullSamplesCommand().Build();

    private Command Build()
    {
        var command = new Command("pull-samples", "Fetch the photos that staff judged, one folder a label, with device, slot, version, time, answer, correction and who in provenance.csv.") { _out, _model, _site, _since };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, client => RunAsync(parsed, client, cancel)));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, FleetClient client, CancellationToken cancel)
    {
        var path = parsed.GetValue(_out)!.FullName;
        var folder = SampleFolder.Open(path);
        var verdicts = await VerdictsAsync(client, Chosen(parsed), cancel);
        var settled = SettledSample.Of(verdicts);
        var pulled = new List<SettledSample>();
        var absent = 0;
        using (var progress = new StepLine())
        {
            foreach (var sample in settled)
            {
                if (folder.HasMoved(sample) || await FetchAsync(client, folder, sample, cancel)) pulled.Add(sample);
                else absent++;
                progress.Report(new PackProgress(pulled.Count + absent, settled.Count, "photos"));
            }
        }

        folder.Finish(pulled);
        Print(parsed, path, pulled, absent, verdicts.Count(v => v.Photo is null));
        return ExitCode.Ok;
    }

    private static async Task<List<JudgedSample>> VerdictsAsync(FleetClient client, Func<JudgedSample, bool> isChosen, CancellationToken cancel)
    {
        var all = new List<JudgedSample>();
        for (var after = 0L; ;)
        {
            var page = await client.JudgedSamplesAsync(after, cancel);
            if (page.Samples.Count == 0) return all;
            all.AddRange(page.Samples.Where(isChosen));
            after = page.Next;
        }
    }

    // False for a photo that the device has not sent yet.
    private static async Task<bool> FetchAsync(FleetClient client, SampleFolder folder, SettledSample sample, CancellationToken cancel)
    {
        try
        {
            folder.Add(sample, await client.BlobAsync(sample.Photo, cancel));
            return true;
        }
        catch (FleetApiException missing) when (missing.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private Func<JudgedSample, bool> Chosen(ParseResult parsed)
    {
        var (model, site) = (parsed.GetValue(_model), parsed.GetValue(_site));
        var since = parsed.GetValue(_since) switch
        {
            null => DateTimeOffset.MinValue,
            var text => DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day)
                ? day
                : throw new UsageException($"--since {text} is no day; it looks like 2026-11-01"),
        };
        return v => (model is null || v.Model == model || v.Model.StartsWith(model + "@", StringComparison.Ordinal)) && (site is null || v.Site == site) && v.JudgedAt >= since;
    }

    private static void Print(ParseResult parsed, string path, List<SettledSample> pulled, int absent, int withoutPhoto)
    {
        var labels = pulled.Where(s => s.Label is not null).GroupBy(s => s.Label!).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        var unsettled = pulled.Where(s => s.Label is null).ToList();
        switch (OutputOptions.Of(parsed))
        {
            case OutputFormat.Json or OutputFormat.Ndjson:
                Console.Out.WriteLine(Json(path, pulled, absent, withoutPhoto));
                break;
            case OutputFormat.Name:
                foreach (var sample in pulled) Console.Out.WriteLine(Path.Combine(path, SampleFolder.NameOf(sample)));
                break;
            default:
                Console.Out.WriteLine(pulled.Count == 0
                    ? "Nobody has judged a photo yet. Staff do it on the page Alerts, or by: edgefleet alert judge"
                    : $"{pulled.Count} photos in {path}: {string.Join(", ", labels.Select(g => $"{g.Key} {g.Count()}"))}{(unsettled.Count > 0 ? $"{(labels.Count > 0 ? ", " : "")}without a label {unsettled.Count}" : "")}.");
                foreach (var sample in unsettled) Console.Out.WriteLine($"  {SampleFolder.NameOf(sample)}: {sample.Why}");
                if (absent > 0) Console.Out.WriteLine($"{absent} photo(s) are not on the server yet; devices send them after the alert. Pull again later.");
                if (withoutPhoto > 0) Console.Out.WriteLine($"{withoutPhoto} verdict(s) are of answers without a photo and were left out.");
                if (labels.Count > 0) Console.Out.WriteLine($"See how a model does on them: edgefleet model evaluate MODEL.onnx --data {path} --labels LABELS.txt --segment site");
                break;
        }
    }

    private static string Json(string path, List<SettledSample> pulled, int absent, int withoutPhoto)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("folder", path);
            json.WriteNumber("photos", pulled.Count);
            json.WriteStartObject("labels");
            foreach (var group in pulled.Where(s => s.Label is not null).GroupBy(s => s.Label!).OrderBy(g => g.Key, StringComparer.Ordinal)) json.WriteNumber(group.Key, group.Count());
            json.WriteEndObject();
            json.WriteNumber("unsettled", pulled.Count(s => s.Label is null));
            json.WriteNumber("notThereYet", absent);
            json.WriteNumber("withoutPhoto", withoutPhoto);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
