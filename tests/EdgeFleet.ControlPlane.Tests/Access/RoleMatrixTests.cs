using System.Net;
using EdgeFleet.ControlPlane.Access;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

/// <summary>Pages against roles; of the API see <see cref="ApiMatrixTests"/>.</summary>
public sealed class RoleMatrixTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private static readonly string[] OpenToAll =
        ["/healthz", "/readyz", "/enrol/v1", "/api/login", "/sign-in", "/setup/{Secret}", "/forms/sign-in", "/forms/sign-out", "/forms/setup"];

    public static TheoryData<string, string> Rows()
    {
        var rows = new TheoryData<string, string>();
        (string Path, string Needed)[] pages =
        [
            ("/openapi/v1.json", Policies.Viewer),
            ("/", Policies.Viewer),
            ("/devices", Policies.Viewer),
            ("/rollouts", Policies.Viewer),
            ("/rollouts/new", Policies.Operator),
            ("/models", Policies.Viewer),
            ("/alerts", Policies.Viewer),
            ("/enrolment", Policies.Operator),
            ("/access", Policies.Admin),
            ("/audit", Policies.Admin),
        ];
        foreach (var (path, needed) in pages)
            rows.Add(path, needed);
        return rows;
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task Each_role_may_what_it_should_and_no_more(string path, string needed)
    {
        foreach (var role in Policies.All)
        {
            using var http = await fixture.Plane.ProgramAsync(role);
            using var answer = await http.GetAsync(path);
            if (Policies.Covers(role, needed))
            {
                Assert.False(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{role} may not see {path}: {answer.StatusCode}");
                continue;
            }

            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal($"Your account ({role}) may not do this. It needs {needed}.", (await answer.ProblemAsync()).Detail);
        }
    }

    [Theory, MemberData(nameof(Rows))]
    public async Task A_stranger_gets_a_problem_or_the_sign_in_page(string path, string needed)
    {
        Assert.Contains(needed, Policies.All);
        using var http = fixture.Plane.Browser();
        using var answer = await http.GetAsync(path);
        if (path.StartsWith("/openapi", StringComparison.Ordinal))
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
