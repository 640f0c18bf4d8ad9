using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>Every kind of certificate at every listener of a running control plane.</summary>
internal sealed class CertificateMatrix(ControlPlaneProcess plane, FleetClient api)
{
    private const string Leaf = "matrix-leaf";

    // What each listener should say. People's: a page, whatever is shown, and never a device's file. 0: no handshake.
    private static readonly (string Kind, int People, int DeviceFiles, int Renewal, bool Broker, bool WebSocket)[] Expected =
    [
        ("its own", 404, 404, 200, true, true),
        ("none", 404, 0, 0, false, false),
        ("expired", 404, 403, 200, false, false),
        ("not yet valid", 404, 0, 0, false, false),
        ("by another CA of the same name", 404, 0, 0, false, false),
        ("self-signed", 404, 0, 0, false, false),
        ("for servers", 404, 0, 0, false, false),
        ("of another device (wrong name)", 404, 404, 200, false, false),
        ("of a name that is no id", 404, 403, 403, false, false),
        ("of a device that is not enrolled", 404, 403, 403, false, false),
        ("of a device that was shut out", 404, 403, 403, false, false),
    ];

    /// <summary>Tries all; prints a line a kind. True when every answer is the expected one.</summary>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        using var forge = new CertificateForge(plane);
        var ticket = (await api.CreateTokenAsync(new EnrolmentTokenRequest(Uses: 3), cancel)).Ticket;
        var leaf = await BenchDevice.EnrolAsync(ticket, Leaf, cancel);
        var other = await BenchDevice.EnrolAsync(ticket, "matrix-other", cancel);
        var shutOut = await BenchDevice.EnrolAsync(ticket, "matrix-shut-out", cancel);
        await api.ActOnDeviceAsync(shutOut.Id, "revoke", "the benchmark said so", cancel);

        Console.WriteLine("  certificate                           people  files  renewal  broker  WebSocket");
        var holds = true;
        foreach (var row in Expected)
        {
            var (certificate, clientId) = Make(row.Kind, leaf, other, shutOut, forge);
            var found = (row.Kind, await PeopleAsync(leaf, ticket, certificate, cancel), await FilesAsync(leaf, ticket, certificate, cancel),
                await RenewalAsync(leaf, ticket, certificate, cancel), await BrokerAsync(leaf, certificate, clientId, cancel),
                await WebSocketAsync(leaf, certificate, clientId, cancel));
            var isRight = found == row;
            holds &= isRight;
            Console.WriteLine($"  {row.Kind,-36} {found.Item2,7}{found.Item3,7}{found.Item4,9}{(found.Item5 ? "in" : "out"),8}{(found.Item6 ? "in" : "out"),11}{(isRight ? "" : $"   expected {row.People} {row.DeviceFiles} {row.Renewal} {(row.Broker ? "in" : "out")}")}");
        }

        return holds;
    }

    private static (X509Certificate2? Certificate, string ClientId) Make(string kind, BenchDevice leaf, BenchDevice other, BenchDevice shutOut, CertificateForge forge)
    {
        var now = TimeProvider.System.GetUtcNow();
        var (from, until) = (now.AddDays(-1), now.AddDays(300));
        return kind switch
        {
            "its own" => (leaf.Certificate, leaf.Id),
            "none" => (null, leaf.Id),
            "expired" => (forge.Ours(leaf.Id, now.AddHours(-20), now.AddHours(-1)), leaf.Id),
            "not yet valid" => (forge.Ours(leaf.Id, now.AddHours(2), until), leaf.Id),
            "by another CA of the same name" => (forge.Foreign(leaf.Id, from, until), leaf.Id),
            "self-signed" => (CertificateForge.SelfSigned(leaf.Id, from, until), leaf.Id),
            "for servers" => (forge.Ours(leaf.Id, from, until, Shared.Trust.PinnedCa.ServerPurpose), leaf.Id),
            "of another device (wrong name)" => (other.Certificate, leaf.Id),
            "of a name that is no id" => (forge.Ours("No Such Id", from, until), leaf.Id),
            "of a device that is not enrolled" => (forge.Ours("stranger", from, until), "stranger"),
            "of a device that was shut out" => (shutOut.Certificate, shutOut.Id),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
        };
    }

    private async Task<int> PeopleAsync(BenchDevice leaf, string ticket, X509Certificate2? certificate, CancellationToken cancel)
    {
        using var http = BenchDevice.Client(plane.Url, EnrolmentTicket.TryParse(ticket)!, certificate);
        return await Doors.GetAsync(http, FilePath(leaf), cancel);
    }

    private static async Task<int> FilesAsync(BenchDevice leaf, string ticket, X509Certificate2? certificate, CancellationToken cancel)
    {
        using var http = BenchDevice.Client(leaf.Answer.Packages, EnrolmentTicket.TryParse(ticket)!, certificate);
        return await Doors.GetAsync(http, FilePath(leaf), cancel);
    }

    private static async Task<int> RenewalAsync(BenchDevice leaf, string ticket, X509Certificate2? certificate, CancellationToken cancel)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var http = BenchDevice.Client(leaf.Answer.Api!, EnrolmentTicket.TryParse(ticket)!, certificate);
        var csr = new CertificateRequest("CN=any", key, System.Security.Cryptography.HashAlgorithmName.SHA256).CreateSigningRequestPem();
        try
        {
            using var answer = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(
                http, "renew", new RenewalRequest { Csr = csr }, WireJson.Default.RenewalRequest, cancel);
            return (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return 0;
        }
    }

    private static async Task<bool> BrokerAsync(BenchDevice leaf, X509Certificate2? certificate, string clientId, CancellationToken cancel)
    {
        using var ca = X509Certificate2.CreateFromPem(leaf.Answer.Ca);
        using var client = await Doors.ConnectAsync(leaf.Answer.MqttPort, ca, certificate, clientId, cancel);
        return client is not null;
    }

    private static async Task<bool> WebSocketAsync(BenchDevice leaf, X509Certificate2? certificate, string clientId, CancellationToken cancel)
    {
        using var ca = X509Certificate2.CreateFromPem(leaf.Answer.Ca);
        var address = new UriBuilder(leaf.Answer.Packages) { Scheme = "wss", Path = "/mqtt" }.Uri;
        using var client = await Doors.ConnectAsync(address, ca, certificate, clientId, cancel);
        return client is not null;
    }

    private static string FilePath(BenchDevice leaf) => leaf.Answer.Packages.AbsolutePath + new string('0', 64);
}
