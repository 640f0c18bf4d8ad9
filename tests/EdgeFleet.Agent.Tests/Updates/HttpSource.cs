using System.Net.Http.Headers;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>Package files over plain HTTP, from a server of the test.</summary>
internal sealed class HttpSource(Uri address) : IPackageSource, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, MaxResponseDrainSize = 0 }) { Timeout = Timeout.InfiniteTimeSpan };

    public Task<HttpResponseMessage> GetAsync(Sha256Digest digest, ByteRange? range, CancellationToken cancel) => GetAsync(digest.Value, range, cancel);

    public Task<HttpResponseMessage> GetDeltaAsync(Sha256Digest from, Sha256Digest to, ByteRange? range, CancellationToken cancel) => GetAsync($"deltas/{from}/{to}", range, cancel);

    private async Task<HttpResponseMessage> GetAsync(string name, ByteRange? range, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, name));
        if (range is { } part)
            request.Headers.Range = new RangeHeaderValue(part.From, part.To);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    public void Dispose() => _http.Dispose();
}
