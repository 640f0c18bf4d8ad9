using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Journeys.Tests;

/// <summary>The identity on a board's disk, read by nothing of the agent's own code, and tried on the devices' port.</summary>
internal static class BoardDisk
{
    /// <summary>What is in force.</summary>
    public static (EnrolmentResponse Assigned, X509Certificate2 Certificate) Identity(string stateFolder)
    {
        var folder = Path.Combine(stateFolder, "identity");
        var assigned = System.Text.Json.JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(folder, "device.json")), WireJson.Default.EnrolmentResponse)!;
        using var bare = X509Certificate2.CreateFromPem(assigned.Certificate);
        var digest = Sha256Digest.Of(bare.PublicKey.ExportSubjectPublicKeyInfo());
        using var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(folder, $"key-{digest.Value[..16]}.pem")));
        return (assigned, bare.CopyWithPrivateKey(key));
    }

    /// <summary>Who the control plane says this is; the status when it does not let it in.</summary>
    public static async Task<string> SelfAsync(EnrolmentResponse assigned, X509Certificate2 certificate)
    {
        using var ca = X509Certificate2.CreateFromPem(assigned.Ca);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(ca);
        using var http = new HttpClient(handler);
        using var answer = await http.GetAsync(new Uri(assigned.Api!, "self"));
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : ((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
