using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Trust;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Package files and their signed metadata over HTTPS from the address that the enrolment named, with the device's certificate and against the pinned CA only.</summary>
internal sealed class HttpPackageSource(IdentityStore identities, TrustedTime time) : IPackageSource, ISignedMetadata, IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MetadataTimeout = TimeSpan.FromMinutes(2); // Few bytes, and a peer that drips them must not hold the lane.

    private readonly Lock _lock = new();
    private (HttpClient Http, DeviceIdentity Identity, DateTime WrittenAt)? _current;

    /// <inheritdoc/>
    public Sha256Digest? Anchor => Client().Assigned.Root;

    /// <inheritdoc/>
    public Task<HttpResponseMessage> GetAsync(Sha256Digest digest, ByteRange? range, CancellationToken cancel) => GetFromAsync(digest.Value, range, cancel);

    /// <inheritdoc/>
    public Task<HttpResponseMessage> GetDeltaAsync(Sha256Digest from, Sha256Digest to, ByteRange? range, CancellationToken cancel) => GetFromAsync($"deltas/{from}/{to}", range, cancel);

    private async Task<HttpResponseMessage> GetFromAsync(string name, ByteRange? range, CancellationToken cancel)
    {
        var (http, assigned) = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(assigned.Packages, name));
        if (range is { } part)
            request.Headers.Range = new RangeHeaderValue(part.From, part.To);

        return await SendAsync(http, request, cancel);
    }

    /// <inheritdoc/>
    public async Task<byte[]?> GetAsync(string path, long bytesMax, CancellationToken cancel)
    {
        var (http, assigned) = Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(assigned.Packages, path));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(MetadataTimeout);
        try
        {
            using var answer = await SendAsync(http, request, timeout.Token);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                return null;
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new HttpRequestException($"{request.RequestUri} answered {(int)answer.StatusCode}.");
            await using var body = await answer.Content.ReadAsStreamAsync(timeout.Token);
            return await TufRepository.ReadAsync(body, bytesMax, timeout.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"{request.RequestUri} did not come within {MetadataTimeout.TotalSeconds} s.", e);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken cancel)
    {
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
    private (HttpClient Http, EnrolmentResponse Assigned) Client()
    {
        lock (_lock)
        {
            if (_current is { } current && current.WrittenAt == identities.WrittenAt)
                return (current.Http, current.Identity.Assigned);

            var writtenAt = identities.WrittenAt;
            var identity = identities.Load() switch
            {
                IdentityFound.Enrolled enrolled => enrolled.Identity,
                IdentityFound.Damaged damaged => throw new HttpRequestException(damaged.Reason),
                _ => throw new HttpRequestException("This board is not enrolled, so no package can be fetched. Run: edgefleet-agent enrol TICKET"),
            };
            // An older client may still be read from; its connections end with it when nobody holds it any more.
            _current = (ClientFor(identity), identity, writtenAt);
            return (_current.Value.Http, identity.Assigned);
        }
    }

    private HttpClient ClientFor(DeviceIdentity identity) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        MaxResponseDrainSize = 0, // What nobody reads is not worth its bytes.
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
