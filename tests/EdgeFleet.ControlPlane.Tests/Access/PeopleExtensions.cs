using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

/// <summary>People of a running control plane.</summary>
internal static partial class PeopleExtensions
{
    public const string Password = "correct horse battery";

    public static async Task<User> AddUserAsync(this RunningControlPlane plane, string name, string role)
    {
        var users = plane.Services.GetRequiredService<UserStore>();
        return await users.AddAsync(name, role, Password, onlyIfFirst: false, default) is UserAdded.Done done ? done.User : (await users.FindAsync(name, default))!;
    }

    /// <summary>A program with a token of an account of that role, made if it is not there.</summary>
    public static async Task<HttpClient> ProgramAsync(this RunningControlPlane plane, string role)
    {
        var user = await plane.AddUserAsync($"a-{role}", role);
        var (token, _) = await plane.Services.GetRequiredService<TokenStore>().IssueAsync(user, new TokenRequest("test"), default);
        var client = plane.People();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A browser: keeps cookies, does not follow redirects.</summary>
    public static HttpClient Browser(this RunningControlPlane plane)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(plane.Authority.Pin);
        return new HttpClient(handler) { BaseAddress = new Uri($"https://localhost:{plane.Ports.HttpsPort}/") };
    }

    /// <summary>A browser that has signed in through the form.</summary>
    public static async Task<HttpClient> SignedInBrowserAsync(this RunningControlPlane plane, string role)
    {
        await plane.AddUserAsync($"a-{role}", role);
        var browser = plane.Browser();
        using var answer = await browser.PostFormAsync("sign-in", "forms/sign-in", ("name", $"a-{role}"), ("password", Password), ("back", "/"));
        Assert.Equal("/", answer.Headers.Location?.ToString());
        return browser;
    }

    /// <summary>Loads a page and sends a form of it with its antiforgery token.</summary>
    public static async Task<HttpResponseMessage> PostFormAsync(this HttpClient browser, string page, string action, params (string Name, string Value)[] fields)
    {
        var token = AntiforgeryToken().Match(await browser.GetStringAsync(page)).Groups["value"].Value;
        Assert.NotEmpty(token);
        using var form = new FormUrlEncodedContent(fields.Append(("__RequestVerificationToken", token)).Select(f => new KeyValuePair<string, string>(f.Item1, f.Item2)));
        return await browser.PostAsync(action, form);
    }

    public static async Task<ApiProblem> ProblemAsync(this HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        return (await answer.Content.ReadFromJsonAsync<ApiProblem>())!;
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<value>[^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
