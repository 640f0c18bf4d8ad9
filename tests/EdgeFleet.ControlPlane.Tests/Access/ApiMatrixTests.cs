using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;

namespace EdgeFleet.ControlPlane.Tests.Access;

/// <summary>Every operation of the API's own document against every role: what is new there is not merged before somebody has said here who may do it.</summary>
public sealed class ApiMatrixTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private const string Anybody = "anybody";

    /// <summary>The least role of every operation.</summary>
    public static IReadOnlyDictionary<string, string> Needed { get; } = new Dictionary<string, string>
    {
        ["POST /api/login"] = Anybody,
        ["POST /enrol/v1"] = Anybody,
        ["POST /api/logout"] = Policies.Viewer,
        ["GET /api/me"] = Policies.Viewer,
        ["POST /api/me/password"] = Policies.Viewer,
        ["GET /api/users"] = Policies.Admin,
        ["POST /api/users"] = Policies.Admin,
        ["POST /api/users/{name}/role"] = Policies.Admin,
        ["POST /api/users/{name}/password"] = Policies.Admin,
        ["DELETE /api/users/{name}"] = Policies.Admin,
        ["GET /api/tokens"] = Policies.Viewer,
        ["POST /api/tokens"] = Policies.Viewer,
        ["DELETE /api/tokens/{id}"] = Policies.Viewer,
        ["GET /api/audit"] = Policies.Admin,
        ["GET /api/audit/head"] = Policies.Admin,
        ["GET /api/alerts"] = Policies.Viewer,
        ["GET /api/alerts/{id}"] = Policies.Viewer,
        ["POST /api/alerts/{id}/actions"] = Policies.Staff,
        ["GET /api/samples/judged"] = Policies.Viewer,
        ["GET /api/blobs/{digest}"] = Policies.Viewer,
        ["GET /api/devices"] = Policies.Viewer,
        ["GET /api/devices/{id}"] = Policies.Viewer,
        ["GET /api/devices/{id}/telemetry"] = Policies.Viewer,
        ["POST /api/devices/{id}/revoke"] = Policies.Operator,
        ["POST /api/devices/{id}/admit"] = Policies.Operator,
        ["POST /api/devices/{id}/quarantine"] = Policies.Operator,
        ["POST /api/devices/{id}/release"] = Policies.Operator,
        ["POST /api/devices/{id}/retire"] = Policies.Operator,
        ["POST /api/devices/{id}/transfer"] = Policies.Operator,
        ["GET /api/devices/{id}/commands"] = Policies.Viewer,
        ["POST /api/devices/{id}/commands"] = Policies.Operator,
        ["GET /api/commands"] = Policies.Viewer,
        ["POST /api/commands/{command}/approve"] = Policies.Operator,
        ["POST /api/commands/{command}/withdraw"] = Policies.Operator,
        ["GET /api/enrolment-tokens"] = Policies.Operator,
        ["POST /api/enrolment-tokens"] = Policies.Operator,
        ["POST /api/enrolment-tokens/{id}/withdraw"] = Policies.Operator,
        ["GET /api/enrolment-ticket"] = Policies.Operator,
        ["GET /api/enrolment-asks"] = Policies.Operator,
        ["POST /api/enrolment-asks/{id}/approve"] = Policies.Operator,
        ["POST /api/enrolment-asks/{id}/refuse"] = Policies.Operator,
        ["GET /api/enrolment-keys"] = Policies.Operator,
        ["POST /api/enrolment-keys"] = Policies.Operator,
        ["DELETE /api/enrolment-keys/{key}"] = Policies.Operator,
        ["GET /api/trust"] = Policies.Viewer,
        ["GET /api/packages"] = Policies.Viewer,
        ["GET /api/packages/{name}/{version}"] = Policies.Viewer,
        ["POST /api/packages/missing"] = Policies.Publisher,
        ["PUT /api/packages/files/{digest}"] = Policies.Publisher,
        ["POST /api/packages"] = Policies.Publisher,
        ["GET /api/metadata"] = Policies.Viewer,
        ["GET /api/metadata/{role}"] = Policies.Viewer,
        ["PUT /api/metadata/root"] = Policies.Admin,
        ["PUT /api/metadata/lists"] = Policies.Admin,
        ["GET /api/rollouts"] = Policies.Viewer,
        ["GET /api/rollouts/{id}"] = Policies.Viewer,
        ["GET /api/rollouts/{id}/explanation"] = Policies.Viewer,
        ["POST /api/rollouts"] = Policies.Operator,
        ["POST /api/rollouts/{id}/pause"] = Policies.Operator,
        ["POST /api/rollouts/{id}/resume"] = Policies.Operator,
        ["POST /api/rollouts/{id}/abort"] = Policies.Operator,
    };

    [Fact]
    public async Task The_document_has_these_operations_and_no_others()
    {
        Assert.Equal(Needed.Keys.Order(StringComparer.Ordinal), (await OperationsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_role_may_what_it_should_and_no_more()
    {
        foreach (var operation in await OperationsAsync())
        {
            foreach (var role in Policies.All)
            {
                using var http = await fixture.Plane.ProgramAsync(role);
                using var answer = await http.SendAsync(Request(operation));
                if (Needed[operation] == Anybody || Policies.Covers(role, Needed[operation]))
                    Assert.True(operation == "POST /api/login" || answer.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden), $"{role} may not {operation}: {answer.StatusCode}");
                else
                    Assert.Equal((HttpStatusCode.Forbidden, $"Your account ({role}) may not do this. It needs {Needed[operation]}."), (answer.StatusCode, (await answer.ProblemAsync()).Detail));
            }
        }
    }

    [Fact]
    public async Task A_stranger_gets_a_problem_that_says_how_to_sign_in()
    {
        using var http = fixture.Plane.Browser();
        foreach (var operation in (await OperationsAsync()).Where(o => Needed[o] != Anybody))
        {
            using var answer = await http.SendAsync(Request(operation));
            Assert.True(answer.StatusCode == HttpStatusCode.Unauthorized, $"{operation} answers a stranger {answer.StatusCode}");
            Assert.Equal("Not signed in", (await answer.ProblemAsync()).Title);
        }
    }

    /// <summary>The operations of a control plane's document, as <c>POST /api/rollouts/{id}/pause</c>.</summary>
    internal static async Task<IReadOnlyList<string>> OperationsAsync(RunningControlPlane plane)
    {
        using var http = await plane.ProgramAsync(Policies.Viewer);
        using var document = JsonDocument.Parse(await http.GetStringAsync("openapi/v1.json"));
        return [.. from path in document.RootElement.GetProperty("paths").EnumerateObject()
                   from operation in path.Value.EnumerateObject()
                   select $"{operation.Name.ToUpperInvariant()} {path.Name.TrimEnd('/')}"];
    }

    private Task<IReadOnlyList<string>> OperationsAsync() => OperationsAsync(fixture.Plane);

    // Of things that do not exist, with bodies that say nothing: who may is asked before what.
    private static HttpRequestMessage Request(string operation)
    {
        var (method, path) = (operation.Split(' ')[0], operation.Split(' ')[1]);
        var filled = path.Replace("{id}", path.StartsWith("/api/devices", StringComparison.Ordinal) ? "no-such-board" : "999999", StringComparison.Ordinal)
            .Replace("{digest}", new string('0', 64), StringComparison.Ordinal).Replace("{key}", new string('0', 64), StringComparison.Ordinal)
            .Replace("{command}", new string('0', 32), StringComparison.Ordinal).Replace("{role}", "root", StringComparison.Ordinal)
            .Replace("{name}", "nothing", StringComparison.Ordinal).Replace("{version}", "1.0.0", StringComparison.Ordinal);
        Assert.DoesNotContain('{', filled);
        return new HttpRequestMessage(new HttpMethod(method), filled) { Content = method is "POST" or "PUT" ? JsonContent.Create(new { }) : null };
    }
}
