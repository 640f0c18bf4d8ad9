using System.Net.Http.Headers;
using System.Security.Authentication;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Package files over HTTPS from the address that the enrolment named, with the device's certificate and against the pinned CA only.</summary>
internal sealed class HttpPackageSource(IdentityStore identities, TrustedTime time) : IPackageSource, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private (HttpClient Http, DeviceIdentity Identity, DateTime WrittenAt)? _current;

    /// <inheritdoc/>
    public Task<HttpResponseMessage> GetAsync(Sha256Digest digest, long? fromByte, CancellationToken cancel) => GetAsync(digest.Value, fromByte, cancel);

    /// <inheritdoc/>
    public Task<HttpResponseMessage> GetDeltaAsync(Sha256Digest from, Sha256Digest to, long? fromByte, CancellationToken cancel) => GetAsync($"deltas/{from}/{to}", fromByte, cancel);

    private async Task<HttpResponseMessage> GetAsync(string name, long? fromByte, CancellationToken cancel)
    {
        var (http, address) = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, name));
        if (fromByte is { } from)
            request.Headers.Range = new RangeHeaderValue(from, null);

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(HeadersTimeout);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"{request.RequestUri} did not answer within {HeadersTimeout.TotalSeconds} s.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _current?.Http.Dispose();
            _current?.Identity.Dispose();
            _current = null;
        }
    }

    // The identity may come, or change, while the agent runs.
    private (HttpClient Http, Uri Address) Client()
    {
        lock (_lock)
        {
            if (_current is { } current && current.WrittenAt == identities.WrittenAt)
                return (current.Http, current.Identity.Assigned.Packages);

            var writtenAt = identities.WrittenAt;
            var identity = identities.Load() switch
            {
                IdentityFound.Enrolled enrolled => enrolled.Identity,
                IdentityFound.Damaged damaged => throw new HttpRequestException(damaged.Reason),
                _ => throw new HttpRequestException("This board is not enrolled, so no package can be fetched. Run: edgefleet-agent enrol TICKET"),
            };
            // An older client may still be read from; its connections end with it when nobody holds it any more.
            _current = (ClientFor(identity), identity, writtenAt);
            return (_current.Value.Http, identity.Assigned.Packages);
        }
    }

    private HttpClient ClientFor(DeviceIdentity identity) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        SslOptions =
        {
            ClientCertificates = [identity.Certificate],
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = PinnedCa.Validate(identity.Ca, () => time.Now),
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
