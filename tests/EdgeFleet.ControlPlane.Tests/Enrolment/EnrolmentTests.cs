using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

/// <summary>A board with a ticket against the real server, over TLS that is checked by the pinned hash alone.</summary>
public sealed class EnrolmentTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private RunningControlPlane _plane = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(services => services.AddSingleton<TimeProvider>(_time));
        _http = _plane.People();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _plane.DisposeAsync();
    }

    [Fact]
    public async Task A_board_with_a_ticket_becomes_a_device_with_everything_it_needs()
    {
        using var key = NewKey();
        var ticket = await _plane.TicketAsync();

        using var answer = await EnrolAsync(ticket.Token, key, "leaf-1", slots: ["leaf"]);
        var response = await TestDevice.ReadAsync(answer);

        Assert.Equal("leaf-1", response.Device.Value);
        var ca = PinnedCa.Read(response.Ca, ticket.Ca);
        using var certificate = X509Certificate2.CreateFromPem(response.Certificate);
        Assert.True(PinnedCa.IsIssuedBy(ca, certificate, PinnedCa.ClientPurpose));
        Assert.False(PinnedCa.IsIssuedBy(ca, certificate));
        Assert.Equal("CN=leaf-1", certificate.Subject);
        Assert.Equal(key.ExportSubjectPublicKeyInfo(), certificate.PublicKey.ExportSubjectPublicKeyInfo());
        Assert.InRange(certificate.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime, TimeSpan.FromDays(364), TimeSpan.FromDays(366));
        Assert.Equal(("localhost", _plane.Ports.MqttPort), (response.MqttHost, response.MqttPort));
        Assert.Equal(new Uri($"https://localhost:{_plane.Ports.DeviceHttpsPort}/packages/"), response.Packages);
        Assert.Equal(_plane.Services.GetRequiredService<DesiredSigner>().PublicKey, Assert.Single(response.Keys));
        Assert.Equal(new Uri($"https://localhost:{_plane.Ports.HttpsPort}/"), ticket.Url);

        var device = await _plane.WithDbAsync(db => db.Set<Device>().Include(d => d.Slots).SingleAsync());
        Assert.Equal(("north", "lab", "generic"), (device.Site, Assert.Single(device.Tags), device.Hardware));
        Assert.Equal((certificate.SerialNumber, "leaf"), (device.CertificateSerial, Assert.Single(device.Slots).Slot.Value));
    }

    [Fact]
    public async Task A_token_for_one_board_takes_no_second_one()
    {
        var ticket = await _plane.TicketAsync();
        using var first = await EnrolAsync(ticket.Token, NewKey(), "leaf-1");

        using var second = await EnrolAsync(ticket.Token, NewKey(), "leaf-2");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await AssertRefusedAsync(second, HttpStatusCode.Forbidden, "used up");
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task The_same_board_may_ask_again_when_the_answer_was_lost()
    {
        using var key = NewKey();
        var ticket = await _plane.TicketAsync();
        using var first = await EnrolAsync(ticket.Token, key, "leaf-1");

        using var again = await EnrolAsync(ticket.Token, key, "leaf-1");

        Assert.Equal("leaf-1", (await TestDevice.ReadAsync(again)).Device.Value);
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task Of_many_boards_with_one_token_at_once_exactly_as_many_win_as_it_has_uses()
    {
        var ticket = await _plane.TicketAsync(uses: 3);

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => EnrolAsync(ticket.Token, NewKey(), "leaf")));

        Assert.Equal(3, answers.Count(a => a.StatusCode == HttpStatusCode.OK));
        Assert.Equal(9, answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden));
        Assert.Equal(3, await CountAsync());
        var devices = await Task.WhenAll(answers.Where(a => a.IsSuccessStatusCode).Select(TestDevice.ReadAsync));
        Assert.Equal(3, devices.Select(d => d.Device).Distinct().Count());
    }

    [Fact]
    public async Task An_id_that_exists_is_not_taken_over()
    {
        using var first = await EnrolAsync((await _plane.TicketAsync()).Token, NewKey(), "leaf");
        using var second = await EnrolAsync((await _plane.TicketAsync()).Token, NewKey(), "leaf");

        Assert.Equal("leaf", (await TestDevice.ReadAsync(first)).Device.Value);
        Assert.Matches("^leaf-[a-z0-9]{4}$", (await TestDevice.ReadAsync(second)).Device.Value);
    }

    [Theory]
    [InlineData(null, "Orin Nano!", "^orin-nano-[a-z0-9]{4}$")]
    [InlineData("Leaf_7", "generic", "^leaf-7$")]
    [InlineData("é", "", "^device-[a-z0-9]{4}$")]
    public async Task The_id_comes_from_the_wish_or_from_the_board(string? name, string hardware, string pattern)
    {
        using var answer = await EnrolAsync((await _plane.TicketAsync()).Token, NewKey(), name, hardware);

        Assert.Matches(pattern, (await TestDevice.ReadAsync(answer)).Device.Value);
    }

    [Fact]
    public async Task An_expired_token_and_an_unknown_one_are_told_apart()
    {
        var ticket = await _plane.TicketAsync(hours: 1);
        _time.Advance(TimeSpan.FromHours(1));

        using var expired = await EnrolAsync(ticket.Token, NewKey(), "leaf-1");
        using var unknown = await EnrolAsync("0123", NewKey(), "leaf-1");

        await AssertRefusedAsync(expired, HttpStatusCode.Forbidden, "expired");
        await AssertRefusedAsync(unknown, HttpStatusCode.Forbidden, "did not make");
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_bad_signing_request_is_named_and_costs_no_use_of_the_token()
    {
        using var rsa = RSA.Create(2048);
        using var key = NewKey();
        var rsaCsr = new CertificateRequest("CN=x", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();
        var bytes = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequest();
        bytes[^1] ^= 1;
        var forged = PemEncoding.WriteString("CERTIFICATE REQUEST", bytes);
        var ticket = await _plane.TicketAsync();

        foreach (var csr in new[] { rsaCsr, forged, "no csr" })
        {
            using var refused = await RunningControlPlane.PostAsync(_http, new EnrolmentRequest { Token = ticket.Token, Csr = csr });
            await AssertRefusedAsync(refused, HttpStatusCode.UnprocessableEntity, "certificate signing request");
        }

        using var good = await EnrolAsync(ticket.Token, key, "leaf-1");
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_no_request_gets_a_problem_that_says_so()
    {
        using var answer = await _http.PostAsync("enrol/v1", new StringContent("{", System.Text.Encoding.UTF8, "application/json"));

        await AssertRefusedAsync(answer, HttpStatusCode.BadRequest, "JSON");
    }

    [Fact]
    public async Task Only_operators_make_tokens_and_only_within_bounds()
    {
        var users = _plane.Services.GetRequiredService<UserStore>();
        await users.AddAsync("ola", Policies.Operator, "a long enough password", onlyIfFirst: false, default);
        await users.AddAsync("vera", Policies.Viewer, "a long enough password", onlyIfFirst: false, default);

        using var nobody = await _http.PostAsJsonAsync("api/enrolment-tokens", new EnrolmentTokenRequest());
        using var viewer = await AskAsync("vera", new EnrolmentTokenRequest());
        using var tooMany = await AskAsync("ola", new EnrolmentTokenRequest(Uses: 0));
        using var made = await AskAsync("ola", new EnrolmentTokenRequest("north", ["lab"], 2, 1));

        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, viewer.StatusCode);
        await AssertRefusedAsync(tooMany, HttpStatusCode.UnprocessableEntity, "uses is 0");
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var token = (await made.Content.ReadFromJsonAsync<EnrolmentTokenResponse>())!;
        var ticket = EnrolmentTicket.TryParse(token.Ticket)!;
        Assert.Equal((_plane.Authority.Pin, 2), (ticket.Ca, token.Uses));
        Assert.Contains(token.Ticket, token.Command, StringComparison.Ordinal);
        var stored = await _plane.WithDbAsync(db => db.Set<EnrolmentToken>().SingleAsync());
        Assert.Equal(Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(ticket.Token)), stored.Hash);
        Assert.Equal("ola", stored.CreatedBy);
    }

    [Fact]
    public async Task An_address_that_asks_too_often_is_told_to_wait()
    {
        await using var plane = await RunningControlPlane.StartAsync(settings: new JsonObject { ["Enrolment"] = new JsonObject { ["RequestsPerMinute"] = 2 } });
        using var http = plane.People();
        var request = new EnrolmentRequest { Token = "x", Csr = "x" };
        using var one = await RunningControlPlane.PostAsync(http, request);
        using var two = await RunningControlPlane.PostAsync(http, request);

        using var three = await RunningControlPlane.PostAsync(http, request);

        await AssertRefusedAsync(three, HttpStatusCode.TooManyRequests, "minute");
        Assert.NotNull(three.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_ticket_with_another_CAs_hash_stops_at_the_handshake()
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(Sha256Digest.Of([1]));
        using var http = new HttpClient(handler) { BaseAddress = _http.BaseAddress };

        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("healthz"));
    }

    private async Task<HttpResponseMessage> AskAsync(string user, EnrolmentTokenRequest request)
    {
        using var login = await _http.PostAsJsonAsync("api/login", new LoginRequest(user, "a long enough password"));
        var token = (await login.Content.ReadFromJsonAsync<LoginResponse>())!.Token;
        using var message = new HttpRequestMessage(HttpMethod.Post, "api/enrolment-tokens") { Content = JsonContent.Create(request) };
        message.Headers.Authorization = new("Bearer", token);
        return await _http.SendAsync(message);
    }

    private Task<HttpResponseMessage> EnrolAsync(string token, ECDsa key, string? name, string hardware = "generic", string[]? slots = null) =>
        RunningControlPlane.PostAsync(_http, new EnrolmentRequest
        {
            Token = token,
            Csr = TestDevice.Csr(key),
            Name = name,
            Hardware = hardware,
            Slots = [.. (slots ?? []).Select(SlotName.Parse)],
        });

    private Task<int> CountAsync() => _plane.WithDbAsync(db => db.Set<Device>().CountAsync());

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, HttpStatusCode status, string says)
    {
        Assert.Equal(status, answer.StatusCode);
        var problem = (await answer.Content.ReadFromJsonAsync<ApiProblem>())!;
        Assert.Contains(says, problem.Detail, StringComparison.Ordinal);
    }
}
