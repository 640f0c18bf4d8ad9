using System.Net;
using System.Net.Http.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

public sealed class RoleMatrixTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private static readonly string[] OpenToAll =
        ["/healthz", "/readyz", "/enrol/v1", "/api/login", "/sign-in", "/setup/{Secret}", "/forms/sign-in", "/forms/sign-out", "/forms/setup"];

    public static TheoryData<string, string, string> Rows()
    {
        var rows = new TheoryData<string, string, string>();
        (string Method, string Path, string Needed)[] endpoints =
        [
            ("GET", "/api/me", Policies.Viewer),
            ("GET", "/api/alerts", Policies.Viewer),
            ("GET", "/api/alerts/1", Policies.Viewer),
            ("GET", "/api/samples/judged", Policies.Viewer),
            ("GET", "/api/blobs/" + new string('0', 64), Policies.Viewer),
            ("GET", "/openapi/v1.json", Policies.Viewer),
            ("GET", "/", Policies.Viewer),
            ("GET", "/devices", Policies.Viewer),
            ("GET", "/rollouts", Policies.Viewer),
            ("GET", "/rollouts/new", Policies.Operator),
            ("GET", "/models", Policies.Viewer),
            ("GET", "/alerts", Policies.Viewer),
            ("POST", "/api/alerts/1/actions", Policies.Staff),
            ("POST", "/api/rollouts", Policies.Operator),
            ("POST", "/api/rollouts/1/pause", Policies.Operator),
            ("POST", "/api/packages/missing", Policies.Publisher),
            ("GET", "/api/trust", Policies.Viewer),
            ("GET", "/api/metadata", Policies.Viewer),
            ("GET", "/api/metadata/root", Policies.Viewer),
            ("GET", "/api/commands", Policies.Viewer),
            ("POST", "/api/commands/0/approve", Policies.Operator),
            ("GET", "/api/enrolment-tokens", Policies.Operator),
            ("GET", "/api/enrolment-ticket", Policies.Operator),
            ("GET", "/api/enrolment-asks", Policies.Operator),
            ("POST", "/api/enrolment-asks/1/approve", Policies.Operator),
            ("GET", "/api/enrolment-keys", Policies.Operator),
            ("GET", "/enrolment", Policies.Operator),
        ];
        foreach (var (method, path, needed) in endpoints)
            rows.Add(method, path, needed);
        return rows;
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task Each_role_may_what_it_should_and_no_more(string method, string path, string needed)
    {
        foreach (var role in Policies.All)
        {
            using var http = await fixture.Plane.ProgramAsync(role);
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? JsonContent.Create(new { }) : null };
            using var answer = await http.SendAsync(request);
            if (Policies.Covers(role, needed))
            {
                Assert.False(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{role} may not {method} {path}: {answer.StatusCode}");
                continue;
            }

            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal($"Your account ({role}) may not do this. It needs {needed}.", (await answer.ProblemAsync()).Detail);
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task A_stranger_gets_a_problem_or_the_sign_in_page(string method, string path, string needed)
    {
        Assert.Contains(needed, Policies.All);
        using var http = fixture.Plane.Browser();
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method == "POST" ? JsonContent.Create(new { }) : null };
        using var answer = await http.SendAsync(request);
        if (path.StartsWith("/api", StringComparison.Ordinal) || path.StartsWith("/openapi", StringComparison.Ordinal))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Not signed in", (await answer.ProblemAsync()).Title);
        }
        else
        {
            Assert.StartsWith("/sign-in", answer.Headers.Location?.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_is_open_to_all_but_what_is_listed()
    {
        var open = fixture.Plane.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null && e.Metadata.GetMetadata<EdgeFleet.ControlPlane.Hosting.ForDevices>() is null)
            .Select(e => "/" + e.RoutePattern.RawText?.TrimStart('/')).Distinct();
        Assert.Equal(OpenToAll.Order(), open.Order());
    }

    [Fact]
    public async Task An_address_that_does_not_exist_is_not_told_to_strangers()
    {
        using var http = fixture.Plane.Browser();
        using var answer = await http.GetAsync("api/nothing");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task The_document_of_the_api_says_what_each_path_does()
    {
        using var http = await fixture.Plane.ProgramAsync(Policies.Viewer);
        using var document = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync("openapi/v1.json"));
        var paths = document.RootElement.GetProperty("paths").EnumerateObject().ToList();
        Assert.Contains(paths, p => p.Name == "/api/alerts/{id}/actions");
        Assert.All(paths.SelectMany(p => p.Value.EnumerateObject()), o => Assert.NotEmpty(o.Value.GetProperty("summary").GetString()!));
        Assert.DoesNotContain(paths, p => p.Name.StartsWith("/forms", StringComparison.Ordinal) || p.Name == "/find");
    }
}
