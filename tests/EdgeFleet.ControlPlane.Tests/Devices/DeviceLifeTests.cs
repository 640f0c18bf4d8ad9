using System.Net;
using System.Net.Http.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Enrolment;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;

namespace EdgeFleet.ControlPlane.Tests.Devices;

/// <summary>How a device stands, through the API and over real connections.</summary>
public sealed class DeviceLifeTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private IdentityBench _bench = null!;
    private TestDevice _leaf = null!;
    private HttpClient _operator = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _bench = new IdentityBench(_plane, TimeProvider.System);
        _leaf = await _plane.EnrolAsync("leaf-1");
        _operator = await _plane.ProgramAsync(Policies.Operator);
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        await _plane.DisposeAsync();
    }

    [Fact]
    public async Task Who_is_shut_out_is_cut_at_once_told_why_refused_everywhere_and_may_be_admitted_again()
    {
        using var client = (await _bench.ConnectAsync(_leaf.Certificate, "leaf-1")).Client;
        var ended = new TaskCompletionSource<MqttClientDisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            ended.TrySetResult(e.Reason);
            return Task.CompletedTask;
        };

        var device = await ActAsync("revoke", "stolen on 3 May");

        Assert.Equal(MqttClientDisconnectReason.NotAuthorized, await ended.Task.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(("revoked", "revoked", "stolen on 3 May"), (device.State, device.Standing, device.StandingReason));
        var (code, said, refused) = await _bench.ConnectAsync(_leaf.Certificate, "leaf-1");
        refused.Dispose();
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, code);
        Assert.Contains("stolen on 3 May", said, StringComparison.Ordinal);
        Assert.Equal((403, 403, HttpStatusCode.Forbidden), (await _bench.GetAsync(_leaf.Certificate, "packages/" + new string('0', 64)),
            await _bench.GetAsync(_leaf.Certificate, "device/v1/self"), (await _bench.RenewAsync(_leaf.Certificate)).Status));

        await ActAsync("admit", "found again");
        using var back = (await _bench.ConnectAsync(_leaf.Certificate, "leaf-1")).Client;
        Assert.True(back.IsConnected);
        var detail = await _operator.GetFromJsonAsync("api/devices/leaf-1", ApiJson.Default.DeviceDetail);
        Assert.Contains(detail!.History, h => h.Text == "Shut out by a-operator: stolen on 3 May");
        Assert.IsType<AuditVerdict.Whole>(await _plane.Services.GetRequiredService<IAuditLog>().VerifyAsync(default));
        var audited = await _plane.WithDbAsync(db => db.Set<AuditEntry>().Select(a => a.What).ToListAsync());
        Assert.Contains("device.revoke", audited);
        Assert.Contains("device.admit", audited);
    }

    [Fact]
    public async Task A_retired_device_is_out_of_the_lists_and_its_history_stays()
    {
        await ActAsync("retire", "the board burnt");
        Assert.Empty((await _operator.GetFromJsonAsync("api/devices", ApiJson.Default.IReadOnlyListDeviceSummary))!);
        Assert.Equal("retired", Assert.Single((await _operator.GetFromJsonAsync("api/devices?retired=true", ApiJson.Default.IReadOnlyListDeviceSummary))!).Standing);
        Assert.Contains((await _operator.GetFromJsonAsync("api/devices/leaf-1", ApiJson.Default.DeviceDetail))!.History, h => h.What == "retire");
        using var admit = await _operator.PostAsJsonAsync("api/devices/leaf-1/admit", new ReasonRequest());
        Assert.Equal(HttpStatusCode.Conflict, admit.StatusCode);
        // Its id is not given to the next board by chance.
        Assert.Matches("^leaf-1-[a-z0-9]{4}$", (await _plane.EnrolAsync("leaf-1")).Id.Value);
    }

    [Fact]
    public async Task A_transfer_changes_site_tags_and_name_and_keeps_the_identity()
    {
        using var answer = await _operator.PostAsJsonAsync("api/devices/leaf-1/transfer", new TransferRequest("south", ["wet", "wet"], "By the river"));
        var device = (await answer.Content.ReadFromJsonAsync(ApiJson.Default.DeviceSummary))!;
        Assert.Equal(("leaf-1", "south", "wet", "By the river"), (device.Id, device.Site, Assert.Single(device.Tags), device.Title));
        Assert.Equal(200, await _bench.GetAsync(_leaf.Certificate, "device/v1/self"));
        using var wrong = await _operator.PostAsJsonAsync("api/devices/leaf-1/transfer", new TransferRequest("No Site"));
        Assert.Equal(HttpStatusCode.Conflict, wrong.StatusCode);
        Assert.Contains("is not a site", (await wrong.ProblemAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quarantine_is_a_mark_with_a_reason_and_an_end()
    {
        var marked = await ActAsync("quarantine", "odd answers");
        Assert.Equal("quarantine", marked.Standing);
        Assert.Contains("odd answers", marked.StandingReason, StringComparison.Ordinal);
        Assert.Equal(200, await _bench.GetAsync(_leaf.Certificate, "device/v1/self"));
        using var twice = await _operator.PostAsJsonAsync("api/devices/leaf-1/quarantine", new ReasonRequest());
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Null((await ActAsync("release", null)).Standing);
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("admit")]
    [InlineData("quarantine")]
    [InlineData("release")]
    [InlineData("retire")]
    [InlineData("transfer")]
    [InlineData("commands")]
    public async Task Only_operators_change_how_a_device_stands_and_nobody_one_that_is_not_there(string verb)
    {
        using var staff = await _plane.ProgramAsync(Policies.Staff);
        using var refused = await staff.PostAsJsonAsync($"api/devices/leaf-1/{verb}", new { kind = "restart" });
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var nobody = await _operator.PostAsJsonAsync($"api/devices/leaf-77/{verb}", new { kind = "restart" });
        Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
    }

    private async Task<DeviceSummary> ActAsync(string verb, string? reason)
    {
        using var answer = await _operator.PostAsJsonAsync($"api/devices/leaf-1/{verb}", new ReasonRequest(reason));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ApiJson.Default.DeviceSummary))!;
    }
}
