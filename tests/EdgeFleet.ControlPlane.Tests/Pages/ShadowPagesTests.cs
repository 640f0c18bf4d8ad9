using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Alerts;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.ControlPlane.Tests.Pages;

/// <summary>Shadow of a rollout over the real HTTP edge: asked for by the form, and seen on the pages.</summary>
public sealed class ShadowPagesTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private static readonly TestPackage Package = TestPackage.Build(TestPackageSpec.Colours("2.0.0") with { Shadow = new ShadowLimits { AgreementMin = 0.8, LatencyRatioMax = 2 } });

    private RunningControlPlane Plane => fixture.Plane;

    [Fact]
    public async Task Shadow_is_asked_for_by_the_form_and_limits_and_disagreements_are_seen()
    {
        var scene = await SceneAsync();
        using var browser = await Plane.SignedInBrowserAsync(Policies.Operator);
        Assert.Contains("name=\"shadow\"", await browser.GetStringAsync("rollouts/new?package=colours@2.0.0&slot=leaf&selector=all"), StringComparison.Ordinal);

        Assert.Contains("only tighten the limits", await NoteAsync(browser, ("shadow", "20"), ("agreement", "70")), StringComparison.Ordinal);
        Assert.Contains("no percentages", await NoteAsync(browser, ("shadow", "a fifth"), ("agreement", "")), StringComparison.Ordinal);
        Assert.Contains("how many percent", await NoteAsync(browser, ("shadow", ""), ("agreement", "90")), StringComparison.Ordinal);

        using var started = await StartAsync(browser, ("shadow", "20"), ("agreement", "90"));
        var address = started.Headers.Location!.ToString();
        var id = long.Parse(Regex.Match(address, "^/rollouts/(?<id>[0-9]+)$").Groups["id"].Value, System.Globalization.CultureInfo.InvariantCulture);
        var page = WebUtility.HtmlDecode(await browser.GetStringAsync(address));
        Assert.Contains("answers 20 % of the live samples beside the model that serves", page, StringComparison.Ordinal);
        Assert.Contains("agreement at least 90 %, p95 at most 2 times", page, StringComparison.Ordinal);
        Assert.Contains("No device has sent a sample", page, StringComparison.Ordinal);

        var photo = Sha256Digest.Of("a photo"u8);
        var seen = new Disagreement { Model = "colours@1.0.0", Candidate = "colours@2.0.0", Rollout = id, Answer = "red", Confidence = 0.91, CandidateAnswer = "blue", CandidateConfidence = 0.99, Photo = photo };
        var happened = new DeviceEvent { Type = EventType.Disagreement, At = 1000, Slot = SlotName.Parse("leaf"), Disagreement = seen };
        await scene.SendAsync(happened, happened with { Disagreement = seen with { Photo = null, Readings = [1, 2, 3] } });

        page = WebUtility.HtmlDecode(await browser.GetStringAsync(address));
        Assert.All(["red (0.91)", "blue (0.99)", $"src=\"/api/blobs/{photo}\"", "3 readings, 1 to 3"], words => Assert.Contains(words, page, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_s_page_says_what_shadow_found_of_the_version_that_runs()
    {
        var scene = await SceneAsync("agrees with colours@1.0.0 on 98.0 % of 200 samples");
        using var browser = await Plane.SignedInBrowserAsync(Policies.Viewer);
        Assert.Contains("Shadow: agrees with colours@1.0.0 on 98.0 % of 200 samples.", WebUtility.HtmlDecode(await browser.GetStringAsync($"devices/{scene.Device}")), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> StartAsync(HttpClient browser, params (string, string)[] fields) => browser.PostFormAsync(
        "rollouts/new?package=colours@2.0.0&slot=leaf&selector=all", "forms/rollouts",
        [("package", "colours@2.0.0"), ("slot", "leaf"), ("selector", "all"), ("waves", ""), ("soak", "30"), .. fields]);

    private static async Task<string> NoteAsync(HttpClient browser, params (string, string)[] fields)
    {
        using var answer = await StartAsync(browser, fields);
        return WebUtility.HtmlDecode(await browser.GetStringAsync(answer.Headers.Location!.ToString()));
    }

    private async Task<AlertScene> SceneAsync(string? shadow = null)
    {
        var scene = await AlertScene.OfNewDeviceAsync(Plane);
        return await Plane.WithDbAsync(async db =>
        {
            if (!db.Set<PublishedPackage>().Any(p => p.Digest == Package.Ref.Digest))
            {
                db.Add(new PublishedPackage
                {
                    Name = "colours", Version = "2.0.0", Digest = Package.Ref.Digest, ManifestSize = Package.Ref.Size, Size = 1000, State = PackageState.Released,
                    Published = 1, PublishedBy = "maria", Manifest = Encoding.UTF8.GetString(Package.ManifestBytes), Variants = "[]",
                });
            }

            db.Add(new DeviceSlot { Device = scene.Device, Slot = SlotName.Parse("leaf"), State = "Committed", Active = "colours@1.0.0", Shadow = shadow });
            await db.SaveChangesAsync();
            return scene;
        });
    }
}
