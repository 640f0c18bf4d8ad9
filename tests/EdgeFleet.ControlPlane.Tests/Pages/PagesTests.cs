using System.Net;
using System.Text.RegularExpressions;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Alerts;
using EdgeFleet.ControlPlane.Tests.Hosting;

namespace EdgeFleet.ControlPlane.Tests.Pages;

public sealed partial class PagesTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private static readonly string[] Addresses = ["/", "/devices", "/rollouts", "/rollouts/new", "/models", "/alerts", "/enrolment"];

    private RunningControlPlane Plane => fixture.Plane;

    [Fact]
    public async Task Every_page_holds_to_the_content_policy()
    {
        var scene = await AlertScene.OfNewDeviceAsync(Plane);
        await scene.OneAlertAsync();
        using var browser = await Plane.SignedInBrowserAsync(Policies.Admin);
        foreach (var address in Addresses.Append($"/devices/{scene.Device}").Append("/sign-in"))
        {
            using var answer = await browser.GetAsync(address);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("default-src 'self'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            var html = await answer.Content.ReadAsStringAsync();
            Assert.Matches("<title>[^<]+ - EdgeFleet</title>", html);
            Assert.DoesNotMatch(Inline(), html);
            Assert.DoesNotContain("Oops", html, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task The_style_is_served_to_all_and_may_be_kept_for_good()
    {
        using var browser = Plane.Browser();
        var page = await browser.GetStringAsync("sign-in");
        var href = Regex.Match(page, "href=\"(?<h>/site.css[^\"]+)\"").Groups["h"].Value;
        using var style = await browser.GetAsync(href);
        Assert.Equal("text/css", style.Content.Headers.ContentType?.MediaType);
        Assert.Contains("immutable", style.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_act_sees_no_buttons()
    {
        var scene = await AlertScene.OfNewDeviceAsync(Plane);
        var alert = await scene.OneAlertAsync();
        using var staff = await Plane.SignedInBrowserAsync(Policies.Staff);
        using var viewer = await Plane.SignedInBrowserAsync(Policies.Viewer);
        Assert.Contains($"/forms/alerts/{alert.Id}\"", await staff.GetStringAsync("alerts"), StringComparison.Ordinal);
        Assert.DoesNotContain("/forms/alerts/", await viewer.GetStringAsync("alerts"), StringComparison.Ordinal);
        using var refused = await viewer.PostFormAsync("alerts", $"forms/alerts/{alert.Id}", ("key", "k"), ("kind", "acknowledge"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("Your account (viewer) may not do this.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_is_seen_by_a_plain_form_and_the_second_person_is_told_who_was_first()
    {
        var scene = await AlertScene.OfNewDeviceAsync(Plane);
        var alert = await scene.OneAlertAsync();
        using var browser = await Plane.SignedInBrowserAsync(Policies.Staff);
        using (var seen = await browser.PostFormAsync("alerts", $"forms/alerts/{alert.Id}", ("key", $"form-{alert.Id}"), ("kind", "acknowledge")))
            Assert.Equal($"/alerts#alert-{alert.Id}", seen.Headers.Location?.ToString());
        Assert.Contains("Seen by a-staff", await browser.GetStringAsync("alerts?state=acknowledged"), StringComparison.Ordinal);

        await scene.ActAsync(alert.Id, "resolve", "ben");
        using var late = await browser.PostFormAsync("alerts", $"forms/alerts/{alert.Id}", ("key", $"late-{alert.Id}"), ("kind", "resolve"));
        Assert.Contains("ben did this first,", WebUtility.HtmlDecode(await browser.GetStringAsync(late.Headers.Location)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_can_put_words_on_our_pages()
    {
        using var browser = await Plane.SignedInBrowserAsync(Policies.Staff);
        Assert.DoesNotContain("Call this number", await browser.GetStringAsync("alerts?note=Call%20this%20number"), StringComparison.Ordinal);
        var page = await browser.GetStringAsync("devices?selector=" + Uri.EscapeDataString("<script>alert(1)</script>"));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("devices/leaf-nowhere", "No device leaf-nowhere")]
    [InlineData("rollouts/71", "No rollout 71")]
    [InlineData("nothing/here", "Nothing here")]
    public async Task What_is_not_there_is_said_with_404(string address, string says)
    {
        using var browser = await Plane.SignedInBrowserAsync(Policies.Viewer);
        using var answer = await browser.GetAsync(address);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_that_cannot_start_says_why_and_keeps_what_was_typed()
    {
        using var browser = await Plane.SignedInBrowserAsync(Policies.Operator);
        using var answer = await browser.PostFormAsync("rollouts/new", "forms/rollouts", ("package", "leaf@9.9.9"), ("selector", "all"), ("soak", "half an hour"), ("waves", "5, 100"));
        var location = answer.Headers.Location!.ToString();
        Assert.Contains("soak=half%20an%20hour", location, StringComparison.Ordinal);
        Assert.Contains("waves=5%2C%20100", location, StringComparison.Ordinal);
        Assert.Contains("'half an hour' is no number of minutes.", WebUtility.HtmlDecode(await browser.GetStringAsync(location)), StringComparison.Ordinal);
    }

    [GeneratedRegex("<script|\\sstyle=|<style|\\son[a-z]+=\"|javascript:", RegexOptions.IgnoreCase)]
    private static partial Regex Inline();
}
