using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>How an enrolment ended.</summary>
internal abstract record EnrolmentResult
{
    /// <summary>The control plane gave the board an identity.</summary>
    public sealed record Enrolled(EnrolmentResponse Assigned) : EnrolmentResult;

    /// <summary>It did not work: what was tried and what to do.</summary>
    public sealed record Failed(string Reason, string Remedy) : EnrolmentResult;
}

/// <summary>Asks a control plane for an identity. The only trust is the hash in the ticket; the private key never leaves the board.</summary>
internal static class EnrolmentClient
{
    private const long AnswerBytesMax = 256 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Enrols with a key of this board.</summary>
    /// <param name="ticket">What a person carried here.</param>
    /// <param name="key">The board's key, P-256.</param>
    /// <param name="about">Wished name, hardware and slots; token and request are filled in here.</param>
    /// <param name="cancel">Ends the attempt.</param>
    public static async Task<EnrolmentResult> EnrolAsync(EnrolmentTicket ticket, ECDsa key, EnrolmentRequest about, CancellationToken cancel)
    {
        var address = new Uri(ticket.Url, "/enrol/v1");
        var csr = new CertificateRequest($"CN={about.Name ?? "edgefleet-agent"}", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var body = JsonSerializer.SerializeToUtf8Bytes(about with { Token = ticket.Token, Csr = csr }, WireJson.Default.EnrolmentRequest);
        try
        {
            using var http = ClientFor(ticket.Ca);
            using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var answer = await http.PostAsync(address, content, cancel);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
            return answer.IsSuccessStatusCode ? Check(ticket, key, bytes) : Refused(address, answer.StatusCode, bytes);
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
            return new EnrolmentResult.Failed($"{address} did not answer within {Timeout.TotalSeconds} s.", "Run the same command again; if the ticket turns out to be used up, make a new one.");
        }
    }

    private static HttpClient ClientFor(Sha256Digest pin) => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        SslOptions = { RemoteCertificateValidationCallback = PinnedCa.Validate(pin) },
    })
    {
        Timeout = Timeout,
        MaxResponseContentBufferSize = AnswerBytesMax,
    };

    private static EnrolmentResult Refused(Uri address, HttpStatusCode status, byte[] body)
    {
        var detail = DetailOf(body) ?? $"It gave no reason (status {(int)status}).";
        return new EnrolmentResult.Failed($"{address} refused the enrolment: {detail}", status switch
        {
            HttpStatusCode.NotFound => "Check the address in the ticket: no enrolment is offered there.",
            >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests => "Wait a little and run the same command again.",
            _ => "Make a new ticket in the control plane and run: edgefleet-agent enrol TICKET",
        });
    }

    private static string? DetailOf(byte[] problem)
    {
        try
        {
            using var document = JsonDocument.Parse(problem);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static EnrolmentResult Check(EnrolmentTicket ticket, ECDsa key, byte[] body)
    {
        const string Remedy = "Nothing was saved. Check that board and control plane are of versions that fit, and make a new ticket.";
        try
        {
            var assigned = JsonSerializer.Deserialize(body, WireJson.Default.EnrolmentResponse) ?? throw new JsonException("It is 'null'.");
            using var ca = PinnedCa.Read(assigned.Ca, ticket.Ca);
            using var certificate = X509Certificate2.CreateFromPem(assigned.Certificate);
            using var certified = certificate.GetECDsaPublicKey();
            var name = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            var fault = certified is null || Shared.Trust.PublicKey.Of(certified) != Shared.Trust.PublicKey.Of(key) ? "the certificate is for another key"
                : name != assigned.Device.Value ? $"the certificate is for '{name}' and the id is '{assigned.Device}'"
                : !PinnedCa.IsIssuedBy(ca, certificate, PinnedCa.ClientPurpose) ? "the certificate is not by the pinned CA, or not valid at this board's time"
                : assigned.Keys.Count == 0 ? "it names no key that may sign desired documents"
                : null;
            return fault is null
                ? new EnrolmentResult.Enrolled(assigned)
                : new EnrolmentResult.Failed($"The answer of {ticket.Url} cannot be trusted: {fault}.", Remedy);
        }
        catch (Exception e) when (e is JsonException or CryptographicException or ArgumentException)
        {
            return new EnrolmentResult.Failed($"The answer of {ticket.Url} cannot be used: {e.Message}", Remedy);
        }
    }
}
