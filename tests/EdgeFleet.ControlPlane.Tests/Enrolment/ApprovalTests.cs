using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

/// <summary>Boards that come without a token: by a listed key, or by a person's approval.</summary>
public sealed class ApprovalTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private HttpClient _board = null!;
    private HttpClient _operator = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(settings: new JsonObject { ["Enrolment"] = new JsonObject { ["WaitingMax"] = 2, ["RequestsPerMinute"] = 1000 } });
        _board = _plane.People();
        _operator = await _plane.ProgramAsync(Policies.Operator);
    }

    public async ValueTask DisposeAsync()
    {
        _board.Dispose();
        _operator.Dispose();
        await _plane.DisposeAsync();
    }

    [Fact]
    public async Task An_unknown_board_waits_with_its_key_in_sight_and_comes_in_once_it_is_approved()
    {
        using var key = NewKey();
        using var first = await AskAsync(key, "leaf-9");
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);
        Assert.Equal(DigestOf(key), (await first.Content.ReadFromJsonAsync(WireJson.Default.EnrolmentPending))!.Key);
        using var again = await AskAsync(key, "leaf-9");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);

        var ask = Assert.Single(await AsksAsync());
        Assert.Equal((DigestOf(key).Value, "leaf-9", "waiting"), (ask.Key, ask.Wish, ask.State));
        using var approved = await _operator.PostAsJsonAsync($"api/enrolment-asks/{ask.Id}/approve", new EnrolmentApproval(Site: "north", Tags: ["lab"]));
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);

        using var answer = await AskAsync(key, "leaf-9");
        Assert.Equal("leaf-9", (await TestDevice.ReadAsync(answer)).Device.Value);
        var device = await _plane.WithDbAsync(db => db.Set<Device>().SingleAsync());
        Assert.Equal(("north", "lab"), (device.Site, Assert.Single(device.Tags)));
        // Its answer may be lost: the same key gets in again, as the same device.
        using var lost = await AskAsync(key, "leaf-9");
        Assert.Equal("leaf-9", (await TestDevice.ReadAsync(lost)).Device.Value);
        Assert.Equal(1, await _plane.WithDbAsync(db => db.Set<Device>().CountAsync()));
    }

    [Fact]
    public async Task A_board_that_is_refused_is_told_why_and_cannot_be_decided_twice()
    {
        using var key = NewKey();
        using var waits = await AskAsync(key, "leaf-9");
        var ask = Assert.Single(await AsksAsync());
        using var refused = await _operator.PostAsJsonAsync($"api/enrolment-asks/{ask.Id}/refuse", new ReasonRequest("not ours"));
        Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
        using var told = await AskAsync(key, "leaf-9");
        Assert.Equal(HttpStatusCode.Forbidden, told.StatusCode);
        Assert.Contains("not ours", (await told.ProblemAsync()).Detail, StringComparison.Ordinal);
        using var twice = await _operator.PostAsJsonAsync($"api/enrolment-asks/{ask.Id}/approve", new EnrolmentApproval());
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);
        Assert.Equal(0, await _plane.WithDbAsync(db => db.Set<Device>().CountAsync()));
    }

    [Fact]
    public async Task Only_so_many_boards_may_wait()
    {
        using var a = await AskAsync(NewKey(), "a-1");
        using var b = await AskAsync(NewKey(), "b-1");
        using var c = await AskAsync(NewKey(), "c-1");
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.Accepted, HttpStatusCode.TooManyRequests), (a.StatusCode, b.StatusCode, c.StatusCode));
        Assert.Equal(2, (await AsksAsync()).Count);
    }

    [Fact]
    public async Task An_id_that_exists_is_taken_over_only_when_a_person_approves_and_the_old_board_is_out()
    {
        var old = await _plane.EnrolAsync("leaf-1");
        using var key = NewKey();
        using var waits = await AskAsync(key, "leaf-1", replace: true);
        Assert.Equal(HttpStatusCode.Accepted, waits.StatusCode);
        using (var stillIn = _plane.Devices(old.Certificate))
            Assert.Equal("leaf-1", await stillIn.GetStringAsync("device/v1/self"));

        var ask = Assert.Single(await AsksAsync());
        Assert.True(ask.Replaces);
        using var approved = await _operator.PostAsJsonAsync($"api/enrolment-asks/{ask.Id}/approve", new EnrolmentApproval());
        using var answer = await AskAsync(key, "leaf-1", replace: true);
        var device = new TestDevice(await TestDevice.ReadAsync(answer), key);
        Assert.Equal("leaf-1", device.Id.Value);
        using (var newOne = _plane.Devices(device.Certificate))
            Assert.Equal("leaf-1", await newOne.GetStringAsync("device/v1/self"));
        using var oldOne = _plane.Devices(old.Certificate);
        using var shut = await oldOne.GetAsync("device/v1/self");
        Assert.Equal(HttpStatusCode.Forbidden, shut.StatusCode);
        Assert.Contains("taken the id over", (await shut.ProblemAsync()).Detail, StringComparison.Ordinal);
        Assert.Equal(1, await _plane.WithDbAsync(db => db.Set<Device>().CountAsync()));
    }

    [Fact]
    public async Task An_id_that_exists_cannot_be_given_to_a_board_that_did_not_ask_for_it()
    {
        await _plane.EnrolAsync("leaf-1");
        using var waits = await AskAsync(NewKey(), "leaf-2");
        using var refused = await _operator.PostAsJsonAsync($"api/enrolment-asks/{Assert.Single(await AsksAsync()).Id}/approve", new EnrolmentApproval(Name: "leaf-1"));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("--replace", (await refused.ProblemAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_whose_key_is_listed_comes_in_once_under_the_listed_name()
    {
        using var key = NewKey();
        using var listed = await _operator.PostAsJsonAsync("api/enrolment-keys", new[] { new ListedKeySummary(DigestOf(key).Value, "pump-1", "south", ["wet"]) });
        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AskAsync(key, "anything")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Empty(await AsksAsync());
        var device = await _plane.WithDbAsync(db => db.Set<Device>().SingleAsync());
        Assert.Equal(("pump-1", "south", "wet"), (device.Id.Value, device.Site, Assert.Single(device.Tags)));
        Assert.Equal("pump-1", Assert.Single((await _operator.GetFromJsonAsync<List<ListedKeySummary>>("api/enrolment-keys"))!).UsedBy);
        using var other = await AskAsync(NewKey(), "pump-1");
        Assert.Equal(HttpStatusCode.Accepted, other.StatusCode);
    }

    [Theory]
    [InlineData("abc", null, null, "is not the SHA-256 of a key")]
    [InlineData(null, "No Name", null, "is not an id")]
    [InlineData(null, null, "No Site", "is not a site")]
    public async Task A_list_with_a_fault_is_taken_not_at_all(string? key, string? name, string? site, string says)
    {
        ListedKeySummary[] keys = [new(Sha256Digest.Of([1]).Value), new(key ?? Sha256Digest.Of([2]).Value, name, site)];
        using var answer = await _operator.PostAsJsonAsync("api/enrolment-keys", keys);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        var detail = (await answer.ProblemAsync()).Detail!;
        Assert.Contains("Key 2", detail, StringComparison.Ordinal);
        Assert.Contains(says, detail, StringComparison.Ordinal);
        Assert.Empty((await _operator.GetFromJsonAsync<List<ListedKeySummary>>("api/enrolment-keys"))!);
    }

    [Fact]
    public async Task A_token_that_was_withdrawn_lets_nobody_in_and_says_who_did_it()
    {
        var ticket = await _plane.TicketAsync(uses: 5);
        using var withdrawn = await _operator.PostAsync("api/enrolment-tokens/1/withdraw", null);
        Assert.Equal(HttpStatusCode.NoContent, withdrawn.StatusCode);
        using var answer = await RunningControlPlane.PostAsync(_board, new EnrolmentRequest { Token = ticket.Token, Csr = TestDevice.Csr(NewKey()), Name = "leaf-1" });
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("a-operator has withdrawn", (await answer.ProblemAsync()).Detail, StringComparison.Ordinal);
        var left = Assert.Single((await _operator.GetFromJsonAsync<List<EnrolmentTokenSummary>>("api/enrolment-tokens"))!);
        Assert.Equal((5, 5, "a-operator"), (left.Uses, left.UsesLeft, left.WithdrawnBy));
    }

    private async Task<List<EnrolmentAskSummary>> AsksAsync() => (await _operator.GetFromJsonAsync<List<EnrolmentAskSummary>>("api/enrolment-asks"))!;

    private Task<HttpResponseMessage> AskAsync(ECDsa key, string name, bool replace = false) =>
        RunningControlPlane.PostAsync(_board, new EnrolmentRequest { Token = "", Csr = TestDevice.Csr(key), Name = name, Hardware = "generic", Replace = replace });

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static Sha256Digest DigestOf(ECDsa key) => Sha256Digest.Of(key.ExportSubjectPublicKeyInfo());
}
