using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Sources.Http;

/// <summary>What a request for a snapshot came to. A closed set.</summary>
internal abstract record Snapshot
{
    /// <summary>The sample's room for an image holds it.</summary>
    internal sealed record Image(int Length) : Snapshot;

    /// <summary>The server says that it is still the last one.</summary>
    internal sealed record Unchanged : Snapshot;

    /// <summary>There is none, and why.</summary>
    internal sealed record Failed(string Why, string Remedy) : Snapshot;
}

/// <summary>Fetches one image at a time: conditional, bounded in time and size, and from the named host alone.</summary>
internal sealed class SnapshotClient(HttpSourceOptions options) : IDisposable
{
    private const int RedirectsMax = 3;
    private const int FirstRoom = 64 * 1024;
    private const string CameraRemedy = "Look at the camera and its network; reading is tried again by itself.";

    private HttpClient? _http;
    private DateTime _credentialsAt;
    private string? _tag;
    private DateTimeOffset? _modified;

    /// <summary>Fetches the image into a sample's room.</summary>
    public async ValueTask<Snapshot> FetchAsync(Sample into, CancellationToken cancel)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        timeout.CancelAfter(TimeSpan.FromSeconds(options.TimeoutSeconds));
        try
        {
            return await FetchAsync(Client(), into, timeout.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Snapshot.Failed($"{options.Url} did not give a whole image within {options.TimeoutSeconds} s.", CameraRemedy);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            cancel.ThrowIfCancellationRequested();
            return new Snapshot.Failed($"{options.Url} could not be read: {Innermost(e)}", CameraRemedy);
        }
        catch (CryptographicException e)
        {
            return new Snapshot.Failed($"{options.CaFile} is no certificate in PEM: {e.Message}", "Put the camera's CA there.");
        }
    }

    /// <summary>Forgets the last image: the next answer is a whole one.</summary>
    public void Forget() => (_tag, _modified) = (null, null);

    /// <inheritdoc/>
    public void Dispose() => _http?.Dispose();

    private async Task<Snapshot> FetchAsync(HttpClient http, Sample into, CancellationToken cancel)
    {
        var url = options.Url;
        for (var redirects = 0; ; redirects++)
        {
            using var response = await http.SendAsync(Request(url), HttpCompletionOption.ResponseHeadersRead, cancel);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    return await ReadAsync(response, into, cancel);
                case HttpStatusCode.NotModified when _tag is not null || _modified is not null:
                    return new Snapshot.Unchanged();
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                    return new Snapshot.Failed(
                        $"{options.Url} answered {(int)response.StatusCode}: it wants a user and password{(options.CredentialsFile.Length > 0 ? " other than those of " + options.CredentialsFile : "")}.",
                        "Put a line user:password into a file that the agent's user may read, and name it as CredentialsFile of this slot.");
                case HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect:
                    if (Next(url, response.Headers.Location, redirects) is not { } next)
                        return Elsewhere(response.Headers.Location);
                    url = next;
                    break;
                default:
                    return new Snapshot.Failed($"{options.Url} answered {(int)response.StatusCode} {response.ReasonPhrase}.", CameraRemedy);
            }
        }
    }

    private HttpRequestMessage Request(Uri url)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.ParseAdd("image/jpeg, image/png;q=0.9");
        if (_tag is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", _tag);
        request.Headers.IfModifiedSince = _modified;
        return request;
    }

    private async Task<Snapshot> ReadAsync(HttpResponseMessage response, Sample into, CancellationToken cancel)
    {
        if (response.Content.Headers.ContentType?.MediaType is { } type && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && type != "application/octet-stream")
        {
            var stream = type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);
            return new Snapshot.Failed(
                $"{options.Url} answered with {type}, which is no image.",
                stream ? "This is an endless stream: read it by Kind command with ffmpeg, or use the camera's snapshot address." : "Use the address of the camera's snapshot.");
        }

        if (response.Content.Headers.ContentLength > options.BytesMax)
            return TooLarge();

        var length = 0;
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var room = into.RoomForImage((int)(response.Content.Headers.ContentLength + 1 ?? FirstRoom));
        int read;
        while ((read = await body.ReadAsync(room[length..], cancel)) > 0)
        {
            length += read;
            if (length > options.BytesMax)
                return TooLarge();
            if (length == room.Length)
                room = into.RoomForImage(Math.Min(2 * length, options.BytesMax + 1));
        }

        (_tag, _modified) = (response.Headers.ETag?.ToString(), response.Content.Headers.LastModified);
        return length > 0 ? new Snapshot.Image(length) : new Snapshot.Failed($"{options.Url} answered with an empty image.", CameraRemedy);
    }

    private Snapshot.Failed TooLarge() =>
        new($"{options.Url} gives more than {options.BytesMax} bytes.", "Use the camera's snapshot address and not its stream, or raise BytesMax of this slot.");

    private Snapshot.Failed Elsewhere(Uri? location) => new(
        $"{options.Url} sends on to {location?.ToString() ?? "nowhere"}; only addresses of the same host and no step down from https are followed, {RedirectsMax} times.",
        "Put the address that is meant into Url of this slot.");

    private static Uri? Next(Uri from, Uri? location, int redirects)
    {
        if (location is null || redirects == RedirectsMax)
            return null;

        var next = new Uri(from, location);
        return next.Host == from.Host && (next.Scheme == from.Scheme || next.Scheme == "https") && next.Scheme is "http" or "https" ? next : null;
    }

    // Made anew when the credentials change: a camera's password is changed by people, at any time.
    private HttpClient Client()
    {
        var at = options.CredentialsFile.Length > 0 ? File.GetLastWriteTimeUtc(options.CredentialsFile) : default;
        if (_http is not null && at == _credentialsAt)
            return _http;

        _http?.Dispose();
        _http = null;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            MaxConnectionsPerServer = 1,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 64 * 1024,
            Credentials = options.CredentialsFile.Length > 0 ? Credentials() : null,
        };
        if (options.CaFile.Length > 0)
            handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(X509Certificate2.CreateFromPem(File.ReadAllText(options.CaFile)));
        (_http, _credentialsAt) = (new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan }, at);
        return _http;
    }

    // For this host alone, and by these two ways: others would need a library that is not on the board.
    private CredentialCache Credentials()
    {
        var pair = CredentialsFile.Read(options.CredentialsFile);
        var (root, credential) = (new Uri(options.Url, "/"), new NetworkCredential(pair.User, pair.Password));
        var cache = new CredentialCache();
        cache.Add(root, "Digest", credential);
        cache.Add(root, "Basic", credential);
        return cache;
    }

    private static string Innermost(Exception e) => e.GetBaseException().Message.TrimEnd('.') + ".";
}
