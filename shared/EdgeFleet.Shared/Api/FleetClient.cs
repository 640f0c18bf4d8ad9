using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Api;

/// <summary>The control plane refused a request or could not be reached; the text says what to do. <see cref="Status"/> is null when there was no answer.</summary>
public sealed class FleetApiException(string message, HttpStatusCode? status = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>HTTP status, or null when there was no answer.</summary>
    public HttpStatusCode? Status { get; } = status;
}

/// <summary>The HTTP API as anybody can use it. The command line and the tests go through it.</summary>
public sealed partial class FleetClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>A client for one control plane.</summary>
    /// <param name="url">Base address.</param>
    /// <param name="token">Bearer token, or null before sign-in.</param>
    /// <param name="ca">The control plane's own CA; null where the system's roots hold.</param>
    public FleetClient(Uri url, string? token = null, X509Certificate2? ca = null)
    {
        // Lives as long as the client.
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
        if (ca is not null)
            handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = PinnedCa.Validate(ca) };
        _http = new HttpClient(handler) { BaseAddress = url, Timeout = TimeSpan.FromMinutes(10) };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("edgefleet/0.1");
        Token = token;
    }

    /// <summary>Bearer token of the next requests.</summary>
    public string? Token
    {
        get => _http.DefaultRequestHeaders.Authorization?.Parameter;
        set => _http.DefaultRequestHeaders.Authorization = value is null ? null : new AuthenticationHeaderValue("Bearer", value);
    }

    /// <summary>Signs in and keeps the token for the next requests.</summary>
    public async Task<LoginResponse> LoginAsync(LoginRequest request, CancellationToken cancel)
    {
        var response = await PostAsync("api/login", request, ApiJson.Default.LoginRequest, ApiJson.Default.LoginResponse, cancel);
        Token = response.Token;
        return response;
    }

    /// <summary>Devices, all or those of a selector.</summary>
    public Task<IReadOnlyList<DeviceSummary>> DevicesAsync(string? selector, CancellationToken cancel) =>
        GetAsync("api/devices" + (selector is null ? "" : "?selector=" + Uri.EscapeDataString(selector)), ApiJson.Default.IReadOnlyListDeviceSummary, cancel);

    /// <summary>One device.</summary>
    public Task<DeviceDetail> DeviceAsync(string id, CancellationToken cancel) =>
        GetAsync($"api/devices/{Uri.EscapeDataString(id)}", ApiJson.Default.DeviceDetail, cancel);

    /// <summary>Minute rows of one slot of a device.</summary>
    public Task<SlotTelemetry> TelemetryAsync(string id, string slot, int hours, CancellationToken cancel) =>
        GetAsync($"api/devices/{Uri.EscapeDataString(id)}/telemetry?slot={Uri.EscapeDataString(slot)}&hours={hours}", ApiJson.Default.SlotTelemetry, cancel);

    /// <summary>Published packages.</summary>
    public Task<IReadOnlyList<PackageSummary>> PackagesAsync(CancellationToken cancel) => GetAsync("api/packages", ApiJson.Default.IReadOnlyListPackageSummary, cancel);

    /// <summary>Which of the files the server does not have.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(IReadOnlyList<string> digests, CancellationToken cancel) =>
        (await PostAsync("api/packages/missing", new DigestList(digests), ApiJson.Default.DigestList, ApiJson.Default.DigestList, cancel)).Digests;

    /// <summary>Puts one file of a package.</summary>
    public async Task PutFileAsync(Sha256Digest digest, Stream content, CancellationToken cancel)
    {
        using var body = new StreamContent(content);
        using var request = new HttpRequestMessage(HttpMethod.Put, $"api/packages/files/{digest}") { Content = body };
        using var response = await SendAsync(request, cancel);
    }

    /// <summary>Publishes a package whose files were put.</summary>
    public Task<PackageSummary> PublishAsync(PublishRequest request, CancellationToken cancel) =>
        PostAsync("api/packages", request, ApiJson.Default.PublishRequest, ApiJson.Default.PackageSummary, cancel);

    /// <summary>Starts a rollout.</summary>
    public Task<RolloutDetail> StartRolloutAsync(RolloutRequest request, CancellationToken cancel) =>
        PostAsync("api/rollouts", request, ApiJson.Default.RolloutRequest, ApiJson.Default.RolloutDetail, cancel);

    /// <summary>All rollouts, newest first.</summary>
    public Task<IReadOnlyList<RolloutSummary>> RolloutsAsync(CancellationToken cancel) => GetAsync("api/rollouts", ApiJson.Default.IReadOnlyListRolloutSummary, cancel);

    /// <summary>One rollout.</summary>
    public Task<RolloutDetail> RolloutAsync(long id, CancellationToken cancel) => GetAsync($"api/rollouts/{id}", ApiJson.Default.RolloutDetail, cancel);

    /// <summary>Why a rollout went as it did.</summary>
    public Task<RolloutExplanation> ExplainRolloutAsync(long id, CancellationToken cancel) => GetAsync($"api/rollouts/{id}/explanation", ApiJson.Default.RolloutExplanation, cancel);

    /// <summary>Does <c>pause</c>, <c>resume</c> or <c>abort</c> to a rollout.</summary>
    public async Task<RolloutDetail> ActOnRolloutAsync(long id, string action, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/rollouts/{id}/{action}");
        return await ReadAsync(request, ApiJson.Default.RolloutDetail, cancel);
    }

    /// <summary>Alerts changed since a revision.</summary>
    public Task<AlertPage> AlertsAsync(long since, CancellationToken cancel) => GetAsync($"api/alerts?since={since}", ApiJson.Default.AlertPage, cancel);

    /// <summary>Acts on an alert.</summary>
    public Task<AlertSummary> ActOnAlertAsync(long id, AlertActionRequest action, CancellationToken cancel) =>
        PostAsync($"api/alerts/{id}/actions", action, ApiJson.Default.AlertActionRequest, ApiJson.Default.AlertSummary, cancel);

    /// <summary>What people said of answers, after one verdict.</summary>
    public Task<JudgedSamplePage> JudgedSamplesAsync(long after, CancellationToken cancel) => GetAsync($"api/samples/judged?after={after}", ApiJson.Default.JudgedSamplePage, cancel);

    /// <summary>Bytes of a blob: the photo of an alert.</summary>
    public async Task<byte[]> BlobAsync(string digest, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/blobs/{Uri.EscapeDataString(digest)}");
        using var response = await SendAsync(request, cancel);
        return await response.Content.ReadAsByteArrayAsync(cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await ReadAsync(request, type, cancel);
    }

    private async Task<TOut> PostAsync<TIn, TOut>(string path, TIn body, JsonTypeInfo<TIn> input, JsonTypeInfo<TOut> output, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, input) };
        return await ReadAsync(request, output, cancel);
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        using var response = await SendAsync(request, cancel);
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancel) ?? throw new FleetApiException($"{request.RequestUri} answered 'null'.", response.StatusCode);
        }
        catch (JsonException e)
        {
            throw new FleetApiException($"{request.RequestUri} did not answer as a control plane: {e.Message}", response.StatusCode, e);
        }
    }

    private async Task NothingAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await SendAsync(request, cancel);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        }
        catch (HttpRequestException e)
        {
            throw new FleetApiException($"{_http.BaseAddress} cannot be reached: {(e.InnerException ?? e).Message} Check the address and, for a CA of its own, --ca.", null, e);
        }

        if (response.IsSuccessStatusCode)
            return response;

        using (response)
            throw new FleetApiException(await ProblemOf(response, cancel), response.StatusCode);
    }

    private static async Task<string> ProblemOf(HttpResponseMessage response, CancellationToken cancel)
    {
        var fallback = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "You are not signed in, or the sign-in has ended. Run: edgefleet login URL",
            HttpStatusCode.Forbidden => "Your account may not do this.",
            var status => $"The control plane answered {(int)status} {response.ReasonPhrase}.",
        };
        try
        {
            var problem = await response.Content.ReadFromJsonAsync(ApiJson.Default.ApiProblem, cancel);
            return problem?.Detail ?? problem?.Title ?? fallback;
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or InvalidOperationException)
        {
            return fallback;
        }
    }
}
