using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Tests.Alerts;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

/// <summary>An account that is limited to a site: what lies elsewhere does not exist for it, and parts of what reaches further cannot be changed.</summary>
public sealed class SiteScopeTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private HttpClient _north = null!;
    private HttpClient _all = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _all = await _plane.ProgramAsync(Policies.Admin);
        // Asked first without a limit: a filter that were frozen at its first use would let everything through.
        Assert.Empty(await DevicesAsync(_all));
        _north = await LimitedAsync("nora", Policies.Operator, "north");
        foreach (var (id, site) in new[] { ("north-1", "north"), ("north-2", "north"), ("south-1", "south"), ("nowhere-1", "") })
        {
            await _plane.WithDbAsync(async db =>
            {
                db.Add(new Device { Id = DeviceId.Parse(id), Site = site, Hardware = "generic", Enrolled = 1 });
                return await db.SaveChangesAsync();
            });
        }
    }

    public ValueTask DisposeAsync()
    {
        _north.Dispose();
        _all.Dispose();
        return _plane.DisposeAsync();
    }

    [Fact]
    public async Task Devices_of_other_sites_do_not_exist()
    {
        Assert.Equal(["north-1", "north-2"], await DevicesAsync(_north));
        Assert.Equal(4, (await DevicesAsync(_all)).Count);
        Assert.Equal(["north-1", "north-2"], await DevicesAsync(_north));
        foreach (var path in new[] { "api/devices/south-1", "api/devices/nowhere-1", "api/devices/south-1/telemetry?slot=leaf" })
        {
            using var answer = await _north.GetAsync(path, Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        foreach (var path in new[] { "api/devices/south-1/revoke", "api/devices/south-1/retire", "api/devices/south-1/commands" })
        {
            using var answer = await _north.PostAsJsonAsync(path, new { reason = "mine", kind = "restart" }, Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_device_cannot_be_moved_out_of_reach_and_none_let_in_there()
    {
        using var moved = await _north.PostAsJsonAsync("api/devices/north-1/transfer", new TransferRequest("south"), Cancel);
        Assert.Contains("south is not among them", (await moved.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var renamed = await _north.PostAsJsonAsync("api/devices/north-1/transfer", new TransferRequest(Title: "by the gate"), Cancel);
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        using var token = await _north.PostAsJsonAsync("api/enrolment-tokens", new EnrolmentTokenRequest("south"), Cancel);
        Assert.Contains("south is not among them", (await token.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var siteless = await _north.PostAsJsonAsync("api/enrolment-tokens", new EnrolmentTokenRequest(), Cancel);
        Assert.Contains("a site has to be named", (await siteless.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var own = await _north.PostAsJsonAsync("api/enrolment-tokens", new EnrolmentTokenRequest("north"), Cancel);
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
        using var all = await _all.PostAsJsonAsync("api/enrolment-tokens", new EnrolmentTokenRequest("south"), Cancel);
        Assert.Single((await _north.GetFromJsonAsync("api/enrolment-tokens", ApiJson.Default.IReadOnlyListEnrolmentTokenSummary, Cancel))!);
    }

    [Fact]
    public async Task Alerts_of_other_sites_are_neither_shown_nor_acted_on()
    {
        var alert = await (await AlertScene.OfNewDeviceAsync(_plane)).OneAlertAsync();
        Assert.Empty((await _north.GetFromJsonAsync("api/alerts?since=0", ApiJson.Default.AlertPage, Cancel))!.Alerts);
        Assert.Single((await _all.GetFromJsonAsync("api/alerts?since=0", ApiJson.Default.AlertPage, Cancel))!.Alerts);
        using var acted = await _north.PostAsJsonAsync($"api/alerts/{alert.Id}/actions", new AlertActionRequest("key-1", "acknowledge"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, acted.StatusCode);
    }

    [Fact]
    public async Task A_rollout_that_reaches_further_can_be_seen_in_part_and_not_be_stopped()
    {
        var mine = await RolloutAsync("north-1");
        var shared = await RolloutAsync("north-2", "south-1");
        var theirs = await RolloutAsync("nowhere-1");

        Assert.Equal([mine, shared], (await _north.GetFromJsonAsync("api/rollouts", ApiJson.Default.IReadOnlyListRolloutSummary, Cancel))!.Select(r => r.Id).Order());
        using var unseen = await _north.GetAsync($"api/rollouts/{theirs}", Cancel);
        Assert.Equal(HttpStatusCode.NotFound, unseen.StatusCode);
        Assert.Equal(["north-2"], (await _north.GetFromJsonAsync($"api/rollouts/{shared}", ApiJson.Default.RolloutDetail, Cancel))!.Devices.Select(d => d.Device));
        using var stopped = await _north.PostAsync($"api/rollouts/{shared}/abort", null, Cancel);
        Assert.Contains("1 devices beyond your sites (north)", (await stopped.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var paused = await _north.PostAsync($"api/rollouts/{mine}/pause", null, Cancel);
        Assert.Equal(HttpStatusCode.OK, paused.StatusCode);
    }

    [Fact]
    public async Task Whatever_belongs_to_a_device_is_filtered_or_never_read_for_people()
    {
        // Read after the device itself was found, or by workers alone.
        string[] behind = ["DesiredWish", "DesiredState", "StreamCursor", "DeadLetter", "EventRow", "IssuedCertificate", "EnrolmentAsk"];
        var open = await _plane.WithDbAsync(db => Task.FromResult(db.Model.GetEntityTypes()
            .Where(e => e.GetProperties().Any(p => p.ClrType == typeof(DeviceId) || p.ClrType == typeof(DeviceId?)) && e.GetDeclaredQueryFilters().Count == 0)
            .Select(e => e.ClrType.Name).Order(StringComparer.Ordinal).ToList()));
        Assert.Equal(behind.Append("ListedKey").Order(StringComparer.Ordinal), open);
    }

    [Fact]
    public async Task Background_work_that_no_person_asked_for_sees_all()
    {
        Assert.Equal(["north-1", "north-2"], await DevicesAsync(_north));
        Assert.Equal(4, await _plane.WithDbAsync(db => db.Set<Device>().CountAsync()));
    }

    [Fact]
    public async Task An_admin_has_no_sites_and_the_last_one_stays()
    {
        using var limited = await _all.PostAsJsonAsync("api/users", new UserRequest("zoe", Policies.Admin, PeopleExtensions.Password, ["north"]), Cancel);
        Assert.Contains("An admin is for all sites", (await limited.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var last = await _all.PostAsJsonAsync("api/users/a-admin/role", new RoleRequest(Policies.Viewer), Cancel);
        Assert.Contains("is the last admin", (await last.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var self = await _all.DeleteAsync("api/users/a-admin", Cancel);
        Assert.Contains("Nobody removes his own account", (await self.ProblemAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_has_no_higher_role_than_its_user_and_ends_with_him()
    {
        using var higher = await _north.PostAsJsonAsync("api/tokens", new TokenRequest("x", Policies.Admin), Cancel);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, higher.StatusCode);
        using var made = await _north.PostAsJsonAsync("api/tokens", new TokenRequest("reader", Policies.Viewer, 1), Cancel);
        using var reader = _plane.People();
        reader.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await made.Content.ReadFromJsonAsync(ApiJson.Default.LoginResponse, Cancel))!.Token);
        var me = (await reader.GetFromJsonAsync("api/me", ApiJson.Default.Me, Cancel))!;
        Assert.Equal(("nora", Policies.Viewer, "north"), (me.User, me.Role, Assert.Single(me.Sites!)));
        Assert.Equal(["north-1", "north-2"], await DevicesAsync(reader));
        using var refused = await reader.PostAsJsonAsync("api/devices/north-1/quarantine", new ReasonRequest("x"), Cancel);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        using var password = await _all.PostAsJsonAsync("api/users/nora/password", new PasswordRequest("another horse battery"), Cancel);
        using var ended = await reader.GetAsync("api/me", Cancel);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (password.StatusCode, ended.StatusCode));
    }

    private async Task<HttpClient> LimitedAsync(string name, string role, params string[] sites)
    {
        using var made = await _all.PostAsJsonAsync("api/users", new UserRequest(name, role, PeopleExtensions.Password, sites), Cancel);
        made.EnsureSuccessStatusCode();
        var client = _plane.People();
        using var login = await client.PostAsJsonAsync("api/login", new LoginRequest(name, PeopleExtensions.Password), Cancel);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await login.Content.ReadFromJsonAsync(ApiJson.Default.LoginResponse, Cancel))!.Token);
        return client;
    }

    private static async Task<IReadOnlyList<string>> DevicesAsync(HttpClient who) => [.. (await who.GetFromJsonAsync("api/devices", ApiJson.Default.IReadOnlyListDeviceSummary, Cancel))!.Select(d => d.Id)];

    private Task<long> RolloutAsync(params string[] devices) => _plane.WithDbAsync(async db =>
    {
        var rollout = new Rollout
        {
            Model = "leaf", Version = "1.0.0", Digest = Sha256Digest.Of("x"u8), ManifestSize = 1, Slot = SlotName.Parse($"slot-{devices[0]}"), Selector = "all", StartedBy = "ana", Started = 1, Since = 1,
            Plan = System.Text.Json.JsonSerializer.Serialize(new RolloutPlan { Waves = [devices], Gate = new GateSettings(), Attempt = 1, LeftOut = [] }, RolloutJson.Default.RolloutPlan),
        };
        db.Add(rollout);
        await db.SaveChangesAsync();
        db.AddRange(devices.Select(d => new RolloutDevice { RolloutId = rollout.Id, Device = DeviceId.Parse(d), Wave = 1, Attempt = 1 }));
        await db.SaveChangesAsync();
        return rollout.Id;
    });
}
