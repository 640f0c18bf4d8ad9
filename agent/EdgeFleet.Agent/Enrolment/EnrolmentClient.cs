using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>How an enrolment ended.</summary>
internal abstract record EnrolmentResult
{
    /// <summary>The control plane gave the board an identity.</summary>
    public sealed record Enrolled(EnrolmentResponse Assigned) : EnrolmentResult;

    /// <summary>A person has to approve the board first; it asks again after a while.</summary>
    public sealed record Waits(Sha256Digest Key, TimeSpan Retry) : EnrolmentResult;

    /// <summary>It did not work: what was tried and what to do.</summary>
    public sealed record Failed(string Reason, string Remedy) : EnrolmentResult;
}

/// <summary>Asks a control plane for an identity. The only trust is the hash in the ticket; the private key never leaves the board.</summary>
internal static class EnrolmentClient
{
    private const int RetrySecondsMax = 3600;

    /// <summary>Enrols with a key of this board.</summary>
    /// <param name="ticket">What a person carried here.</param>
    /// <param name="key">The board's key, P-256.</param>
    /// <param name="about">Wished name, hardware and slots; token and request are filled in here.</param>
    /// <param name="time">When it is.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public static async Task<EnrolmentResult> EnrolAsync(EnrolmentTicket ticket, ECDsa key, EnrolmentRequest about, TrustedTime time, CancellationToken cancel)
    {
        var address = new Uri(ticket.Url, "/enrol/v1");
        var body = JsonSerializer.SerializeToUtf8Bytes(about with { Token = ticket.Token, Csr = Csr(key, about.Name) }, WireJson.Default.EnrolmentRequest);
        try
        {
            using var http = DeviceHttp.ForEnrolment(ticket.Ca, time);
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await http.PostAsync(address, content, cancel);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
            return answer.StatusCode == HttpStatusCode.Accepted ? Waiting(bytes, key)
                : answer.IsSuccessStatusCode ? Check(ticket, key, bytes, time)
                : Refused(address, answer.StatusCode, bytes);
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            return new EnrolmentResult.Failed(
                $"{address} is not the control plane that made this ticket, or its certificate is not valid at this board's time: no certificate of the CA {ticket.Ca.Short}... for '{address.Host}' was shown.",
                "Check the board's clock (date), the address, and that nothing between them opens TLS; otherwise make a new ticket.");
        }
        catch (HttpRequestException e)
        {
            return new EnrolmentResult.Failed($"{address} was not reached: {e.GetBaseException().Message}.", "Check the network, the address and the port, then run the same command again: the ticket is not used up.");
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new EnrolmentResult.Failed($"{address} did not answer within {DeviceHttp.Timeout.TotalSeconds} s.", "Run the same command again: the board asks with the same key, so the ticket is not used up twice.");
        }
    }

    /// <summary>A certificate signing request. Its name does not count; the server assigns it.</summary>
    public static string Csr(ECDsa key, string? name) =>
        new CertificateRequest($"CN={name ?? "edgefleet-agent"}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();

    private static EnrolmentResult.Waits Waiting(byte[] body, ECDsa key)
    {
        var own = Sha256Digest.Of(key.ExportSubjectPublicKeyInfo());
        try
        {
            var pending = JsonSerializer.Deserialize(body, WireJson.Default.EnrolmentPending);
            return new EnrolmentResult.Waits(own, TimeSpan.FromSeconds(Math.Clamp(pending?.RetrySeconds ?? 10, 1, RetrySecondsMax)));
        }
        catch (JsonException)
        {
            return new EnrolmentResult.Waits(own, TimeSpan.FromSeconds(10));
        }
    }

    private static EnrolmentResult.Failed Refused(Uri address, HttpStatusCode status, byte[] body)
    {
        var detail = ProblemText.DetailOf(body) ?? $"It gave no reason (status {(int)status}).";
        return new EnrolmentResult.Failed($"{address} refused the enrolment: {detail}", status switch
        {
            HttpStatusCode.NotFound => "Check the address in the ticket: no enrolment is offered there.",
            >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => "Wait a little and run the same command again.",
            _ => "Make a new ticket in the control plane and run: edgefleet-agent enrol TICKET",
        });
    }

    private static EnrolmentResult Check(EnrolmentTicket ticket, ECDsa key, byte[] body, TrustedTime time)
    {
        const string Remedy = "Nothing was saved. Check that board and control plane are of versions that fit, and make a new ticket.";
        try
        {
            var assigned = JsonSerializer.Deserialize(body, WireJson.Default.EnrolmentResponse) ?? throw new JsonException("It is 'null'.");
            return IdentityCheck.FaultIn(assigned, ticket.Ca, key, time.Now) is { } fault
                ? new EnrolmentResult.Failed($"The answer of {ticket.Url} cannot be trusted: {fault}.", Remedy)
                : new EnrolmentResult.Enrolled(assigned with { Root = ticket.Root ?? assigned.Root }); // What a person carried counts more.
        }
        catch (Exception e) when (e is JsonException or CryptographicException or ArgumentException)
        {
            return new EnrolmentResult.Failed($"The answer of {ticket.Url} cannot be used: {e.Message}", Remedy);
        }
    }
}
