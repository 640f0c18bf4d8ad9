using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Pages;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using QRCoder;

namespace EdgeFleet.ControlPlane.Tests.Pages;

/// <summary>Enrolment and standing by plain forms.</summary>
public sealed class IdentityPagesTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private HttpClient _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _browser = await _plane.SignedInBrowserAsync(Policies.Operator);
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _plane.DisposeAsync();
    }

    [Fact]
    public async Task A_ticket_is_shown_once_as_a_line_as_cloud_init_and_as_a_QR_code_of_the_same_ticket()
    {
        using var made = await _browser.PostFormAsync("enrolment", "forms/enrolment/tokens", ("site", "north"), ("tags", "lab wet"), ("uses", "3"), ("hours", "2"));
        Assert.DoesNotContain("efe1.", made.Headers.Location!.ToString(), StringComparison.Ordinal);
        var page = WebUtility.HtmlDecode(await _browser.GetStringAsync(made.Headers.Location));
        var ticket = Regex.Match(page, "edgefleet-agent enrol (?<t>efe1\\.[A-Za-z0-9_-]+)").Groups["t"].Value;
        Assert.NotNull(EnrolmentTicket.TryParse(ticket));
        Assert.Contains($"[edgefleet-agent, enrol, {ticket}]", page, StringComparison.Ordinal);

        using var code = QRCodeGenerator.GenerateQrCode(ticket, QRCodeGenerator.ECCLevel.M);
        var drawn = Regex.Matches(page, "M(?<x>[0-9]+) (?<y>[0-9]+)h1v1h-1z").Select(m => (int.Parse(m.Groups["x"].Value, null), int.Parse(m.Groups["y"].Value, null))).ToHashSet();
        for (var y = 0; y < code.ModuleMatrix.Count; y++)
        {
            for (var x = 0; x < code.ModuleMatrix.Count; x++)
                Assert.Equal(code.ModuleMatrix[y][x], drawn.Contains((x, y)));
        }

        Assert.DoesNotContain("efe1.", await _browser.GetStringAsync("enrolment"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_waits_is_on_Today_and_is_let_in_by_a_form()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var board = _plane.People();
        using var waits = await RunningControlPlane.PostAsync(board, new EnrolmentRequest { Token = "", Csr = TestDevice.Csr(key), Name = "leaf-5", Hardware = "pi-4" });
        Assert.Equal(HttpStatusCode.Accepted, waits.StatusCode);
        Assert.Contains("1 board waits to be let in.", await _browser.GetStringAsync("/"), StringComparison.Ordinal);
        var digest = (await waits.Content.ReadFromJsonAsync(WireJson.Default.EnrolmentPending))!.Key.Value;
        Assert.Contains(EnrolmentWays.Grouped(digest), await _browser.GetStringAsync("enrolment"), StringComparison.Ordinal);

        using var approved = await _browser.PostFormAsync("enrolment", "forms/enrolment/1/approve", ("name", "leaf-6"), ("site", "south"));
        using var answer = await RunningControlPlane.PostAsync(board, new EnrolmentRequest { Token = "", Csr = TestDevice.Csr(key), Name = "leaf-5", Hardware = "pi-4" });
        Assert.Equal("leaf-6", (await TestDevice.ReadAsync(answer)).Device.Value);
        Assert.DoesNotContain("waits to be let in", await _browser.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_is_shut_out_and_admitted_by_forms_and_a_viewer_has_none()
    {
        await _plane.EnrolAsync("leaf-1");
        using (await _browser.PostFormAsync("devices/leaf-1", "forms/devices/leaf-1/standing/revoke", ("reason", "stolen")))
            Assert.Contains("stolen", await _browser.GetStringAsync("devices/leaf-1"), StringComparison.Ordinal);
        Assert.NotNull(await RevokedAsync());
        using (await _browser.PostFormAsync("devices/leaf-1", "forms/devices/leaf-1/standing/admit", ("reason", "found")))
            Assert.Null(await RevokedAsync());

        using var viewer = await _plane.SignedInBrowserAsync(Policies.Viewer);
        Assert.DoesNotContain("/forms/devices/", await viewer.GetStringAsync("devices/leaf-1"), StringComparison.Ordinal);
        using var refused = await viewer.PostFormAsync("devices/leaf-1", "forms/devices/leaf-1/standing/revoke", ("reason", "x"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Null(await RevokedAsync());
    }

    [Fact]
    public async Task A_wipe_that_one_person_asks_for_is_on_the_Today_of_another_and_not_on_ones_own()
    {
        await _plane.EnrolAsync("leaf-1");
        using var asked = await _browser.PostFormAsync("devices/leaf-1", "forms/devices/leaf-1/commands/wipe", ("reason", "sold"));
        Assert.DoesNotContain("wants to wipe", await _browser.GetStringAsync("/"), StringComparison.Ordinal);
        using var other = await _plane.SignedInBrowserAsync(Policies.Admin);
        Assert.Contains("a-operator wants to wipe leaf-1: sold.", await other.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_that_end_within_thirty_days_need_a_person_with_the_next_command()
    {
        var now = new DateTimeOffset(2027, 5, 1, 0, 0, 0, TimeSpan.Zero);
        var good = new TrustSummary("ca", now.AddYears(9), now.AddYears(3), now.AddDays(200));
        DeviceSummary Device(string id, int days, string? standing = null) => new(id, "", [], "", "ready", null, [], 0) { CertificateEnds = now.AddDays(days), Standing = standing };

        var needs = IdentityNeeds.Of([Device("far", 31), Device("near", 29), Device("over", -1), Device("gone", 5, "revoked")], good, now).ToList();

        Assert.Equal(2, needs.Count);
        Assert.StartsWith("over: its certificate ended", needs[0].Sentence, StringComparison.Ordinal);
        Assert.StartsWith("near: its certificate ends", needs[1].Sentence, StringComparison.Ordinal);
        Assert.All(needs, n => Assert.Contains("edgefleet-agent renew", n.Sentence, StringComparison.Ordinal));
        Assert.Contains("edgefleet ca issuing", Assert.Single(IdentityNeeds.Of([], good with { IssuingEnds = now.AddDays(20) }, now)).Sentence, StringComparison.Ordinal);
        Assert.Contains("And 3 more", IdentityNeeds.Of([.. Enumerable.Range(0, 8).Select(i => Device($"d-{i}", i))], good, now).Last().Sentence, StringComparison.Ordinal);
    }

    private Task<long?> RevokedAsync() => _plane.WithDbAsync(db => db.Set<Device>().Select(d => d.Revoked).SingleAsync());
}
