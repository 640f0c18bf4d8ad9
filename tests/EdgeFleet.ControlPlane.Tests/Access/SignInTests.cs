using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

public sealed class SignInTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private RunningControlPlane Plane => fixture.Plane;

    [Fact]
    public async Task A_right_password_gives_a_token_and_only_its_hash_is_kept()
    {
        await Plane.AddUserAsync("ana", Policies.Operator);
        using var http = Plane.People();
        using var answer = await http.PostAsJsonAsync("api/login", new LoginRequest("ana", PeopleExtensions.Password, "laptop"));
        var login = (await answer.Content.ReadFromJsonAsync<LoginResponse>())!;
        Assert.Equal(("ana", "operator"), (login.User, login.Role));

        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", login.Token);
        Assert.Equal(new Me("ana", "operator"), await http.GetFromJsonAsync<Me>("api/me"));

        // The secret is nowhere in the database's files, not even in the write-ahead log.
        foreach (var file in Directory.EnumerateFiles(Plane.DataFolder, "fleet.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            var content = await reader.ReadToEndAsync();
            Assert.DoesNotContain(login.Token, content, StringComparison.Ordinal);
            Assert.DoesNotContain(PeopleExtensions.Password, content, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ben", "not his password")]
    [InlineData("nobody-of-that-name", PeopleExtensions.Password)]
    public async Task A_wrong_name_and_a_wrong_password_get_the_same_answer(string name, string password)
    {
        await Plane.AddUserAsync("ben", Policies.Viewer);
        using var http = Plane.People();
        using var answer = await http.PostAsJsonAsync("api/login", new LoginRequest(name, password));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Name or password are wrong.", (await answer.ProblemAsync()).Detail);
    }

    [Fact]
    public async Task Too_many_attempts_for_an_account_must_wait_even_with_the_right_password()
    {
        await Plane.AddUserAsync("carla", Policies.Viewer);
        using var http = Plane.People();
        for (var i = 0; i < 10; i++)
        {
            using var wrong = await http.PostAsJsonAsync("api/login", new LoginRequest("Carla ", "guess number " + i));
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var answer = await http.PostAsJsonAsync("api/login", new LoginRequest("carla", PeopleExtensions.Password));
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 300);
        Assert.StartsWith("Too many attempts.", (await answer.ProblemAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_was_revoked_is_refused_at_once()
    {
        using var http = await Plane.ProgramAsync(Policies.Staff);
        using var ended = await http.PostAsync("api/logout", null);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);

        using var answer = await http.GetAsync("api/me");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("edgefleet login", (await answer.ProblemAsync()).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_ends_at_its_time()
    {
        using var http = await Plane.ProgramAsync(Policies.Publisher);
        var past = DateTimeOffset.UnixEpoch.ToUnixTimeMilliseconds();
        await Plane.WithDbAsync(db => db.Set<ApiToken>().Where(t => t.User!.Name == "a-publisher").ExecuteUpdateAsync(s => s.SetProperty(t => t.Expires, past)));
        using var answer = await http.GetAsync("api/me");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task The_cookie_is_out_of_reach_of_scripts_and_other_sites()
    {
        await Plane.AddUserAsync("dora", Policies.Viewer);
        using var browser = Plane.Browser();
        using var answer = await browser.PostFormAsync("sign-in", "forms/sign-in", ("name", "dora"), ("password", PeopleExtensions.Password), ("back", "//elsewhere.example"));
        Assert.Equal("/", answer.Headers.Location!.ToString());
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("__Host-edgefleet=", StringComparison.Ordinal));
        foreach (var part in new[] { "path=/", "secure", "samesite=strict", "httponly" })
            Assert.Contains(part, cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_form_without_our_token_is_refused()
    {
        await Plane.AddUserAsync("emil", Policies.Viewer);
        using var browser = Plane.Browser();
        using var form = new FormUrlEncodedContent([new("name", "emil"), new("password", PeopleExtensions.Password)]);
        using var answer = await browser.PostAsync("forms/sign-in", form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("cross-site")]
    [InlineData("same-site")]
    public async Task A_cookie_changes_nothing_through_the_api_from_elsewhere(string? site)
    {
        using var browser = await Plane.SignedInBrowserAsync(Policies.Admin);
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/alerts/1/actions") { Content = JsonContent.Create(new AlertActionRequest("k", "acknowledge")) };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_cookie_ends_when_its_account_changes()
    {
        using var browser = await Plane.SignedInBrowserAsync(Policies.Staff);
        using (var before = await browser.GetAsync("alerts"))
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        await Plane.WithDbAsync(db => db.Set<User>().Where(u => u.Name == "a-staff").ExecuteUpdateAsync(s => s.SetProperty(u => u.Stamp, "another")));
        using var after = await browser.GetAsync("alerts");
        Assert.Equal("/sign-in?back=%2Falerts", after.Headers.Location?.ToString());
    }
}
