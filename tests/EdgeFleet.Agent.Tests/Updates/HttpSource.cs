using System.Net.Http.Headers;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>Package files over plain HTTP, from a server of the test.</summary>
internal sealed class HttpSource(Uri address) : IPackageSource, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    public Task<HttpResponseMessage> GetAsync(Sha256Digest digest, long? fromByte, CancellationToken cancel) => GetAsync(digest.Value, fromByte, cancel);

    public Task<HttpResponseMessage> GetDeltaAsync(Sha256Digest from, Sha256Digest to, long? fromByte, CancellationToken cancel) => GetAsync($"deltas/{from}/{to}", fromByte, cancel);

    private async Task<HttpResponseMessage> GetAsync(string name, long? fromByte, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, name));
        if (fromByte is { } from)
            request.Headers.Range = new RangeHeaderValue(from, null);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    public void Dispose() => _http.Dispose();
}
