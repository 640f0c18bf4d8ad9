using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>How a renewal ended.</summary>
internal abstract record RenewalResult
{
    /// <summary>The new identity is in force.</summary>
    public sealed record Done(DateTimeOffset Ends) : RenewalResult;

    /// <summary>Nothing changed.</summary>
    /// <param name="Reason">What was tried and how it failed.</param>
    /// <param name="WasReached">True when the control plane answered.</param>
    public sealed record Failed(string Reason, bool WasReached) : RenewalResult;
}

/// <summary>
/// Renews the board's certificate: new key, new certificate, a connection with it to try it, and only then the swap. Every step is kept on disk before
/// the next, so it goes on where it was cut; the old identity is in force until the swap.
/// </summary>
internal sealed class Renewal(IdentityStore identities, TrustedTime time)
{
    /// <summary>Renews the identity in force.</summary>
    public async Task<RenewalResult> RenewAsync(DeviceIdentity current, CancellationToken cancel)
    {
        try
        {
            using var inForce = current.Certificate.GetECDsaPublicKey()!;
            using var key = identities.Next.Key(inForce);
            var next = identities.Next.Answer(key);
            if (next is null || FaultIn(next, current, key) is not null)
            {
                var asked = await AskAsync(current, key, cancel);
                if (asked.Failed is { } failed)
                    return failed;
                next = asked.Answer!;
                identities.Next.Keep(next);
            }

            if (await TryAsync(next, key, current.Ca, cancel) is { } refused)
                return refused;

            // A root that is pinned stays: newer ones follow from it by their signatures. A board from before roots takes its first one here.
            identities.Save(next with { Root = current.Assigned.Root ?? next.Root }, key);
            using var certificate = X509Certificate2.CreateFromPem(next.Certificate);
            return new RenewalResult.Done(certificate.NotAfter);
        }
        catch (IOException e)
        {
            return new RenewalResult.Failed($"The new certificate cannot be kept: {e.Message}", WasReached: true);
        }
    }

    private async Task<(EnrolmentResponse? Answer, RenewalResult.Failed? Failed)> AskAsync(DeviceIdentity current, ECDsa key, CancellationToken cancel)
    {
        var address = new Uri(ApiOf(current.Assigned), "renew");
        var request = new RenewalRequest { Csr = EnrolmentClient.Csr(key, current.Assigned.Device.Value) };
        using var http = DeviceHttp.ForDevice(current.Certificate, current.Ca, time);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, WireJson.Default.RenewalRequest)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var (status, body, failed) = await SendAsync(() => http.PostAsync(address, content, cancel), address, cancel);
        if (failed is not null)
            return (null, failed);
        if (status == HttpStatusCode.UnprocessableEntity)
            identities.Next.Drop(); // The key is no good over there; the next attempt makes another.
        if (status != HttpStatusCode.OK)
            return (null, new RenewalResult.Failed($"{address} refused: {ProblemText.DetailOf(body) ?? $"status {(int)status}, without a reason"}", WasReached: true));

        try
        {
            var answer = JsonSerializer.Deserialize(body, WireJson.Default.EnrolmentResponse) ?? throw new JsonException("It is 'null'.");
            return FaultIn(answer, current, key) is { } fault
                ? (null, new RenewalResult.Failed($"The answer of {address} cannot be trusted: {fault}.", WasReached: true))
                : (answer, null);
        }
        catch (JsonException e)
        {
            return (null, new RenewalResult.Failed($"The answer of {address} cannot be used: {e.Message}", WasReached: true));
        }
    }

    private async Task<RenewalResult.Failed?> TryAsync(EnrolmentResponse next, ECDsa key, X509Certificate2 ca, CancellationToken cancel)
    {
        using var bare = X509Certificate2.CreateFromPem(next.Certificate);
        using var certificate = bare.CopyWithPrivateKey(key);
        using var http = DeviceHttp.ForDevice(certificate, ca, time);
        var address = new Uri(ApiOf(next), "self");
        var (status, body, failed) = await SendAsync(() => http.GetAsync(address, cancel), address, cancel);
        if (failed is not null)
            return failed with { Reason = $"The new certificate was tried, and the old one stays: {failed.Reason}" };
        if (status == HttpStatusCode.OK)
            return null;

        identities.Next.Drop();
        return new RenewalResult.Failed($"{address} did not let the new certificate in, and the old one stays: {ProblemText.DetailOf(body) ?? $"status {(int)status}"}", WasReached: true);
    }

    private static async Task<(HttpStatusCode Status, byte[] Body, RenewalResult.Failed? Failed)> SendAsync(Func<Task<HttpResponseMessage>> send, Uri address, CancellationToken cancel)
    {
        try
        {
            using var answer = await send();
            return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancel), null);
        }
        catch (HttpRequestException e)
        {
            return (default, [], new RenewalResult.Failed($"{address} was not reached: {e.GetBaseException().Message}", WasReached: false));
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (default, [], new RenewalResult.Failed($"{address} did not answer within {DeviceHttp.Timeout.TotalSeconds} s.", WasReached: false));
        }
    }

    private string? FaultIn(EnrolmentResponse answer, DeviceIdentity current, ECDsa key)
    {
        try
        {
            return IdentityCheck.FaultIn(answer, Sha256Digest.Of(current.Ca.RawData), key, time.Now, current.Assigned.Device);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return e.Message;
        }
    }

    private static Uri ApiOf(EnrolmentResponse assigned) => assigned.Api ?? new Uri(assigned.Packages, "/device/v1/");
}
