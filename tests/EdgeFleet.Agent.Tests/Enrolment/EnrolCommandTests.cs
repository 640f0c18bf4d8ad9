using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Tests.Enrolment;

/// <summary>The enrol command against a real HTTPS server.</summary>
public sealed class EnrolCommandTests : IAsyncLifetime
{
    private static readonly DeviceId Assigned = DeviceId.Parse("leaf-7");

    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private WebApplication? _server;
    private Func<EnrolmentRequest, IResult>? _answer;
    private EnrolmentRequest? _asked;

    public async ValueTask InitializeAsync()
    {
        File.WriteAllText(_folder["agent.json"], JsonSerializer.Serialize(new
        {
            Agent = new { StateFolder = _folder["state"], Hardware = "orin-nano" },
            Slots = new Dictionary<string, object> { ["leaf"] = new { }, ["pump-3"] = new { } },
        }));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(_authority.Server)));
        _server = builder.Build();
        _server.MapPost("/enrol/v1", async (HttpRequest request) =>
        {
            _asked = await JsonSerializer.DeserializeAsync(request.Body, WireJson.Default.EnrolmentRequest);
            return (_answer ?? Accept)(_asked!);
        });
        _server.MapGet("/packages/{digest}", (HttpRequest request, string digest) => Results.Text($"{digest} {request.Headers.Range}"));
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
        await _output.DisposeAsync();
        await _errors.DisposeAsync();
    }

    private Uri Address => new(_server!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));

    private string Ticket => new EnrolmentTicket { Url = Address, Token = "secret-1", Ca = _authority.Pin }.Format();

    [Fact]
    public async Task A_board_with_a_ticket_gets_an_identity_and_says_what_happens_next()
    {
        Assert.Equal(0, await RunAsync(Ticket, "--name", "field-1"));
        Assert.Contains("leaf-7", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(("secret-1", "field-1", "orin-nano"), (_asked!.Token, _asked.Name, _asked.Hardware));
        Assert.Equal(["leaf", "pump-3"], _asked.Slots.Select(s => s.Value));

        var found = Assert.IsType<IdentityFound.Enrolled>(new IdentityStore(_folder["state"]).Load());
        Assert.Equal(Assigned, found.Identity.Assigned.Device);
        Assert.True(found.Identity.Certificate.HasPrivateKey);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyFile));
        Assert.DoesNotContain("PRIVATE", File.ReadAllText(_folder["state", "identity", "device.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_used_token_is_refused_with_the_servers_own_words()
    {
        _answer = _ => Results.Problem("This token was used on 3 May by leaf-2.", statusCode: 409);
        Assert.Equal(1, await RunAsync(Ticket));
        Assert.Contains("used on 3 May", _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("new ticket", _errors.ToString(), StringComparison.Ordinal);
        AssertNotEnrolled();
    }

    [Fact]
    public async Task A_server_of_another_authority_never_sees_the_token()
    {
        using var other = new TestAuthority();
        Assert.Equal(1, await RunAsync(new EnrolmentTicket { Url = Address, Token = "secret-1", Ca = other.Pin }.Format()));
        Assert.Null(_asked);
        Assert.Contains("not the control plane that made this ticket", _errors.ToString(), StringComparison.Ordinal);
        AssertNotEnrolled();
    }

    [Fact]
    public async Task An_address_where_nobody_listens_is_named()
    {
        var url = new Uri($"https://localhost:{TestControlPlane.FreePort()}");
        Assert.Equal(1, await RunAsync(new EnrolmentTicket { Url = url, Token = "t", Ca = _authority.Pin }.Format()));
        Assert.Contains(url.Authority, _errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("not used up", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_for_another_key_is_not_saved()
    {
        _answer = _ =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var certificate = _authority.IssuePublic(Assigned.Value, key);
            return Answer(_authority.Response(Assigned, certificate, 1));
        };
        Assert.Equal(1, await RunAsync(Ticket));
        Assert.Contains("another key", _errors.ToString(), StringComparison.Ordinal);
        AssertNotEnrolled();
    }

    [Fact]
    public async Task A_certificate_by_another_authority_is_not_saved()
    {
        using var other = new TestAuthority();
        _answer = request => Answer(other.Response(Assigned, Certify(other, request), 1));
        Assert.Equal(1, await RunAsync(Ticket));
        Assert.Contains("CA", _errors.ToString(), StringComparison.Ordinal);
        AssertNotEnrolled();
    }

    [Fact]
    public async Task An_enrolled_board_keeps_its_identity_unless_forced()
    {
        Assert.Equal(0, await RunAsync(Ticket));
        var before = File.ReadAllText(KeyFile);
        _asked = null;
        Assert.Equal(1, await RunAsync(Ticket));
        Assert.Null(_asked);
        Assert.Contains("already, as leaf-7", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(KeyFile));

        Assert.Equal(0, await RunAsync(Ticket, "--force"));
        Assert.NotEqual(before, File.ReadAllText(KeyFile));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_identity_that_lacks_a_file_is_not_taken_for_one(bool isKey)
    {
        Assert.Equal(0, await RunAsync(Ticket));
        File.Delete(isKey ? KeyFile : _folder["state", "identity", "device.json"]);
        var found = new IdentityStore(_folder["state"]).Load();
        Assert.Equal(isKey ? typeof(IdentityFound.Damaged) : typeof(IdentityFound.NotEnrolled), found.GetType());
    }

    [Fact]
    public async Task A_board_that_asks_again_shows_the_same_key_and_once_it_is_in_only_that_key_is_left()
    {
        _answer = _ => Results.Problem("Wait.", statusCode: 503);
        Assert.Equal(1, await RunAsync(Ticket));
        var first = KeyOf(_asked!);
        Assert.Equal(1, await RunAsync(Ticket));
        Assert.Equal(first, KeyOf(_asked!));
        _answer = null;
        Assert.Equal(0, await RunAsync(Ticket));
        Assert.Equal(first, KeyOf(_asked!));
        Assert.Equal(["device.json", Path.GetFileName(KeyFile), "lock"], Directory.EnumerateFiles(_folder["state", "identity"]).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_board_that_has_to_be_approved_shows_its_key_and_goes_on_once_it_is()
    {
        var times = 0;
        _answer = request => ++times < 3
            ? Results.Text(JsonSerializer.Serialize(new EnrolmentPending { Key = Sha256Digest.Of([1]), RetrySeconds = 1 }, WireJson.Default.EnrolmentPending), "application/json", statusCode: 202)
            : Accept(request);
        Assert.Equal(0, await RunAsync(new EnrolmentTicket { Url = Address, Token = "", Ca = _authority.Pin }.Format()));
        Assert.Equal(3, times);
        // The board shows its own key, whatever the other side says.
        Assert.Contains(KeyCommand.Grouped(KeyOf(_asked!)), _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Enrolled as leaf-7", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_that_is_printed_in_advance_is_the_one_that_enrols()
    {
        Assert.Equal(0, KeyCommand.Run(["--config", _folder["agent.json"]], _output, _errors));
        Assert.Equal(0, await RunAsync(Ticket));
        Assert.StartsWith(KeyOf(_asked!).Value, _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the ticket is missing")]
    [InlineData("'--wrong' is not understood", "efe1.x", "--wrong")]
    [InlineData("'Field One' is not a name", "efe1.x", "--name", "Field One")]
    [InlineData("--replace needs --name", "efe1.x", "--replace")]
    public async Task A_wrong_call_says_how_it_is_called(string said, params string[] args)
    {
        Assert.Equal(2, await RunAsync(args));
        Assert.Contains(said, _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_ticket_is_said_to_be_none()
    {
        Assert.Equal(1, await RunAsync("hello"));
        Assert.Contains("efe1.", _errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_come_over_the_pinned_authority_with_a_range_once_the_board_is_enrolled()
    {
        var digest = Sha256Digest.Of([1]);
        using var packages = new HttpPackageSource(new IdentityStore(_folder["state"]), new TrustedTime(_folder["state"], TimeProvider.System));
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => packages.GetAsync(digest, null, CancellationToken.None));
        Assert.Contains("not enrolled", refused.Message, StringComparison.Ordinal);

        _answer = request => Answer(_authority.Response(Assigned, Certify(_authority, request), 1, new Uri(Address, "/packages/")));
        Assert.Equal(0, await RunAsync(Ticket));
        using var answer = await packages.GetAsync(digest, new ByteRange(100), CancellationToken.None);
        Assert.Equal($"{digest} bytes=100-", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var part = await packages.GetAsync(digest, new ByteRange(100, 199), CancellationToken.None);
        Assert.Equal($"{digest} bytes=100-199", await part.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var other = new TestAuthority();
        other.Enrol(_folder["state"], Assigned, 1, new Uri(Address, "/packages/"));
        await Assert.ThrowsAsync<HttpRequestException>(() => packages.GetAsync(digest, new ByteRange(100), CancellationToken.None));
    }

    private Task<int> RunAsync(params string[] args) => EnrolCommand.RunAsync([.. args, "--config", _folder["agent.json"]], _output, _errors, TimeProvider.System);

    private string KeyFile => Directory.EnumerateFiles(_folder["state", "identity"], "key-*.pem").Single();

    private static Sha256Digest KeyOf(EnrolmentRequest request) =>
        Sha256Digest.Of(CertificateRequest.LoadSigningRequestPem(request.Csr, HashAlgorithmName.SHA256).PublicKey.ExportSubjectPublicKeyInfo());

    private void AssertNotEnrolled() => Assert.IsType<IdentityFound.NotEnrolled>(new IdentityStore(_folder["state"]).Load());

    private IResult Accept(EnrolmentRequest request) => Answer(_authority.Response(Assigned, Certify(_authority, request), 8883));

    private static X509Certificate2 Certify(TestAuthority authority, EnrolmentRequest request)
    {
        using var key = CertificateRequest.LoadSigningRequestPem(request.Csr, HashAlgorithmName.SHA256).PublicKey.GetECDsaPublicKey()!;
        return authority.IssuePublic(Assigned.Value, key);
    }

    private static IResult Answer(EnrolmentResponse response) =>
        Results.Text(JsonSerializer.Serialize(response, WireJson.Default.EnrolmentResponse), "application/json");
}
