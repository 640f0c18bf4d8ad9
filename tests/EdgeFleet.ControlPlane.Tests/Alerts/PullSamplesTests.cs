using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Alerts;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Alerts;

/// <summary>What staff said of answers, from the alert to the folder for the next training: real intake, real API, the real command.</summary>
public sealed class PullSamplesTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>, IDisposable
{
    private readonly TempFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ContentStore Blobs => new(fixture.Plane.Services.GetRequiredService<DataFolder>().Blobs);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_verdict_keeps_the_photo_and_the_answer_that_were_judged()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var (first, second) = (Blobs.Add(Photo(1)), Blobs.Add(Photo(2)));
        await scene.SendAsync(AlertScene.Event(raised: true, at: 1000, photo: first, label: "rust"));
        var alert = Assert.Single(await scene.AlertsAsync());
        await scene.ActAsync(alert.Id, "verdict", value: "right");
        await scene.SendAsync(AlertScene.Event(raised: true, at: 2000, photo: second, label: "miner"));
        await scene.ActAsync(alert.Id, "verdict", "ben", value: "wrong", label: "phoma");

        var judged = await JudgedAsync(alert.Id);

        Assert.Equal([("ana", "right", null, "rust", first.Value, 1000L), ("ben", "wrong", "phoma", "miner", second.Value, 2000L)],
            judged.Select(j => (j.Who, j.Verdict, j.Label, j.Answer, j.Photo!, j.SeenAt.ToUnixTimeMilliseconds())));
        Assert.All(judged, j => Assert.Equal((scene.Device.Value, "alanib", "leaf", "coffee-leaf@2.0.0", 0.91), (j.Device, j.Site, j.Slot, j.Model, j.Confidence)));
        Assert.Equal("phoma", Assert.Single(await scene.AlertsAsync()).Actions[1].Label);
    }

    [Fact]
    public async Task A_correction_must_be_a_label_of_the_model_and_another_than_its_answer()
    {
        await PublishAsync(TestPackage.Build(TestPackageSpec.Colours()));
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var happened = AlertScene.Event(raised: true, label: "red");
        await scene.SendAsync(happened with { Alert = happened.Alert! with { Model = "colours@1.0.0" } });
        var alert = Assert.Single(await scene.AlertsAsync());

        Assert.Contains("'purple' is no label of colours@1.0.0. Use one of: red, green, blue.", await RefusalAsync(scene, alert.Id, "wrong", "purple"), StringComparison.Ordinal);
        Assert.Contains("'red' is what the device said", await RefusalAsync(scene, alert.Id, "wrong", "red"), StringComparison.Ordinal);
        Assert.Contains("Only the verdict 'wrong' takes a label", await RefusalAsync(scene, alert.Id, "right", "green"), StringComparison.Ordinal);
        Assert.IsType<AlertActed.Done>(await scene.ActAsync(alert.Id, "verdict", value: "wrong", label: "green"));
    }

    [Fact]
    public async Task Staff_say_on_the_page_what_a_wrong_answer_really_is()
    {
        await PublishAsync(TestPackage.Build(TestPackageSpec.Colours()));
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var happened = AlertScene.Event(raised: true, label: "red");
        await scene.SendAsync(happened with { Alert = happened.Alert! with { Model = "colours@1.0.0" } });
        var alert = Assert.Single(await scene.AlertsAsync());
        using var browser = await fixture.Plane.SignedInBrowserAsync(Policies.Staff);

        // Of this alert alone: those of other tests stand on the page too.
        var card = (await browser.GetStringAsync("alerts", Cancel)).Split("id=\"alert-").Single(c => c.StartsWith($"{alert.Id}\"", StringComparison.Ordinal));
        Assert.Contains("<option value=\"green\">", card, StringComparison.Ordinal);
        Assert.DoesNotContain("<option value=\"red\">", card, StringComparison.Ordinal);
        using var answer = await browser.PostFormAsync("alerts", $"forms/alerts/{alert.Id}", ("key", "k1-page"), ("kind", "verdict"), ("value", "wrong"), ("label", "blue"), ("back", "/alerts"));

        Assert.Equal($"/alerts#alert-{alert.Id}", answer.Headers.Location?.ToString());
        Assert.Equal("blue", Assert.Single(await JudgedAsync(alert.Id)).Label);
        Assert.Contains("judged: wrong, it is blue", await browser.GetStringAsync("alerts", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Staff_read_the_packages_advice_for_the_label()
    {
        var texts = new AdviceTexts
        {
            Source = "Extension office, leaflet 3",
            Languages = new Dictionary<string, IReadOnlyDictionary<string, LabelAdvice>>
            {
                ["en"] = new Dictionary<string, LabelAdvice> { ["red"] = new() { Steps = ["Cut off the <red> leaves."] } },
                ["fil"] = new Dictionary<string, LabelAdvice> { ["red"] = new() { Steps = ["Putulin ang mga dahon."] }, ["green"] = new() { Steps = ["Maghintay."] } },
            },
        };
        await PublishAsync(TestPackage.Build(TestPackageSpec.Colours() with { Version = "1.1.0", Advice = texts }));
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        foreach (var label in new[] { "red", "green", "blue" })
        {
            var happened = AlertScene.Event(raised: true, label: label, rule: label);
            await scene.SendAsync(happened with { Alert = happened.Alert! with { Model = "colours@1.1.0" } });
        }

        using var browser = await fixture.Plane.SignedInBrowserAsync(Policies.Viewer);
        var page = await browser.GetStringAsync("alerts", Cancel);

        Assert.Contains("<li>Cut off the &lt;red&gt; leaves.</li>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Putulin", page, StringComparison.Ordinal);
        Assert.Contains("<li>Maghintay.</li>", page, StringComparison.Ordinal); // English says nothing of green.
        Assert.Equal(2, page.Split("Extension office, leaflet 3").Length - 1); // Nobody says anything of blue.
    }

    [Fact]
    public async Task The_command_fills_a_folder_by_label_and_can_be_run_again()
    {
        await using var plane = await Hosting.RunningControlPlane.StartAsync();
        var scene = await AlertScene.OfNewDeviceAsync(plane);
        var store = new ContentStore(plane.Services.GetRequiredService<DataFolder>().Blobs);
        var photos = Enumerable.Range(10, 4).Select(i => store.Add(Photo((byte)i))).ToList();
        var late = Sha256Digest.Of(Photo(99));
        var alerts = new List<AlertSummary>();
        foreach (var (photo, i) in photos.Append(late).Select((p, i) => (p, i)))
        {
            await scene.SendAsync(AlertScene.Event(raised: true, at: 1_700_000_000_000 + i, rule: $"r{i}", photo: photo, label: "rust"));
            alerts.Add((await scene.AlertsAsync()).Single(a => a.Rule == $"r{i}"));
        }

        await using var login = await CommandsAsync(plane);
        await login.RunAsync(0, "alert", "judge", $"{alerts[0].Id}", "right");
        await login.RunAsync(0, "alert", "judge", $"{alerts[1].Id}", "wrong", "--label", "miner");
        await scene.ActAsync(alerts[2].Id, "verdict", value: "wrong");
        await scene.ActAsync(alerts[3].Id, "verdict", value: "right");
        await scene.ActAsync(alerts[4].Id, "verdict", value: "right");

        var said = await login.RunAsync(0, "model", "pull-samples", "--out", _folder["data"]);
        Assert.Contains("miner 1, rust 2, without a label 1.", said, StringComparison.Ordinal);
        Assert.Contains("1 photo(s) are not on the server yet", said, StringComparison.Ordinal);
        Assert.Equal([photos[1]], DigestsIn("miner"));
        Assert.Equal(new[] { photos[0], photos[3] }.OrderBy(d => d.Value), DigestsIn("rust").OrderBy(d => d.Value));
        Assert.Equal([photos[2]], DigestsIn("_unsettled"));
        var rows = File.ReadAllLines(_folder["data", "provenance.csv"]);
        Assert.Equal(5, rows.Length);
        Assert.Contains(rows, r => r.StartsWith($"miner/{scene.Device}_leaf_20231114T221320_{photos[1].Short}.jpg,miner,{scene.Device},alanib,leaf,coffee-leaf,2.0.0,2023-11-14T22:13:20Z,rust,0.91,wrong,miner,a-Staff,", StringComparison.OrdinalIgnoreCase));
        Assert.All(rows.Skip(1), r => Assert.True(File.Exists(_folder["data", r.Split(',')[0]]), r));

        // Somebody says what the unsettled one is, the late photo arrives, and another is disputed.
        await scene.ActAsync(alerts[2].Id, "verdict", value: "wrong", label: "phoma");
        await scene.ActAsync(alerts[3].Id, "verdict", "ben", value: "wrong");
        store.Add(Photo(99));
        var json = JsonDocument.Parse(await login.RunAsync(0, "model", "pull-samples", "--out", _folder["data"], "-o", "json")).RootElement;
        Assert.Equal((5, 1), (json.GetProperty("photos").GetInt32(), json.GetProperty("unsettled").GetInt32()));
        Assert.Equal([photos[2]], DigestsIn("phoma"));
        Assert.Equal([photos[3]], DigestsIn("_unsettled"));
        Assert.Equal(new[] { photos[0], late }.OrderBy(d => d.Value), DigestsIn("rust").OrderBy(d => d.Value));
        Assert.Equal(5, Directory.GetFiles(_folder["data"], "*.jpg", SearchOption.AllDirectories).Length);

        Assert.Contains("Nobody has judged a photo yet", await login.RunAsync(0, "model", "pull-samples", "--out", _folder["none"], "--site", "elsewhere"), StringComparison.Ordinal);
        File.WriteAllText(_folder["mine.txt"], "mine");
        Assert.Contains("has other things in it", await login.RunAsync(2, "model", "pull-samples", "--out", _folder.Path), StringComparison.Ordinal);
        Assert.Contains("is no day", await login.RunAsync(2, "model", "pull-samples", "--out", _folder["x"], "--since", "soon"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_from_a_server_do_not_lead_out_of_the_folder()
    {
        await using var plane = await Hosting.RunningControlPlane.StartAsync();
        var scene = await AlertScene.OfNewDeviceAsync(plane);
        await scene.SendAsync(AlertScene.Event(raised: true, photo: new ContentStore(plane.Services.GetRequiredService<DataFolder>().Blobs).Add(Photo(5)), label: "../../=evil"));
        await scene.ActAsync(Assert.Single(await scene.AlertsAsync()).Id, "verdict", value: "right");
        await using var login = await CommandsAsync(plane);

        await login.RunAsync(0, "model", "pull-samples", "--out", _folder["data"]);

        Assert.Equal([_folder["data"]], Directory.GetFileSystemEntries(_folder.Path));
        Assert.Equal(2, Directory.GetFiles(_folder["data"], "*", SearchOption.AllDirectories).Length);
    }

    private static byte[] Photo(byte shade) => TestImages.Jpeg(shade, 80, 40);

    private static async Task<string> RefusalAsync(AlertScene scene, long id, string value, string label) =>
        Assert.IsType<AlertActed.Refused>(await scene.ActAsync(id, "verdict", value: value, label: label)).Reason;

    private async Task<List<JudgedSample>> JudgedAsync(long alert)
    {
        using var http = await fixture.Plane.ProgramAsync(Policies.Viewer);
        var json = await http.GetStringAsync("api/samples/judged?after=0", Cancel);
        return [.. JsonSerializer.Deserialize(json, ApiJson.Default.JudgedSamplePage)!.Samples.Where(s => s.Alert == alert)];
    }

    private async Task PublishAsync(TestPackage package)
    {
        var services = fixture.Plane.Services;
        foreach (var (digest, bytes) in package.ByDigest)
            await services.GetRequiredService<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), bytes.Length, Cancel);
        Assert.True((await services.GetRequiredService<PackageCommands>().PublishAsync(new PublishRequest(package.Ref.Digest.Value, false), new Person("root", Policies.Admin), Cancel)) is PackageEnding.Published or PackageEnding.Already);
    }

    private IEnumerable<Sha256Digest> DigestsIn(string label) => Directory.GetFiles(_folder["data", label]).Select(f => Sha256Digest.Of(File.ReadAllBytes(f)));

    private static async Task<Commands> CommandsAsync(Hosting.RunningControlPlane plane)
    {
        using var http = await plane.ProgramAsync(Policies.Staff);
        var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["ca.pem"], plane.Authority.Pem, Cancel);
        return new Commands(folder, $"https://localhost:{plane.Ports.HttpsPort}", http.DefaultRequestHeaders.Authorization!.Parameter!);
    }

    private sealed class Commands(TempFolder folder, string url, string token) : IAsyncDisposable
    {
        public async Task<string> RunAsync(int expected, params string[] words)
        {
            var (code, output, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. words, "--url", url, "--token", token, "--ca", folder["ca.pem"]], TimeSpan.FromSeconds(60), Cancel);
            Assert.True(code == expected, all);
            return expected == 0 ? output : all;
        }

        public ValueTask DisposeAsync()
        {
            folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
