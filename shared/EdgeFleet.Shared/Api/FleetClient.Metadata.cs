using System.Net;
using System.Net.Http.Json;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Shared.Api;

/// <summary>The part for the signed metadata of packages.</summary>
public sealed partial class FleetClient
{
    /// <summary>By which metadata boards check packages; null where the control plane is older and knows of none.</summary>
    public async Task<MetadataSummary?> MetadataAsync(CancellationToken cancel)
    {
        try
        {
            return await GetAsync("api/metadata", ApiJson.Default.MetadataSummary, cancel);
        }
        catch (FleetApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>The root or a list in force.</summary>
    /// <param name="role"><c>root</c>, <c>targets</c> or the name of a family.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<byte[]> MetadataFileAsync(string role, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/metadata/{Uri.EscapeDataString(role)}");
        using var response = await SendAsync(request, cancel);
        await using var body = await response.Content.ReadAsStreamAsync(cancel);
        var bytes = await TufRepository.ReadAsync(body, MetadataBytesMax, cancel);
        return bytes.Length <= MetadataBytesMax ? bytes : throw new FleetApiException($"{request.RequestUri} answered with more than {MetadataBytesMax} bytes.", response.StatusCode);
    }

    /// <summary>Puts the next root into force.</summary>
    public async Task<MetadataSummary> PutRootAsync(RootRequest request, CancellationToken cancel)
    {
        using var message = new HttpRequestMessage(HttpMethod.Put, "api/metadata/root") { Content = JsonContent.Create(request, ApiJson.Default.RootRequest) };
        return await ReadAsync(message, ApiJson.Default.MetadataSummary, cancel);
    }

    /// <summary>Puts the next lists into force, all or none.</summary>
    public async Task<MetadataSummary> PutListsAsync(ListsRequest request, CancellationToken cancel)
    {
        using var message = new HttpRequestMessage(HttpMethod.Put, "api/metadata/lists") { Content = JsonContent.Create(request, ApiJson.Default.ListsRequest) };
        return await ReadAsync(message, ApiJson.Default.MetadataSummary, cancel);
    }

    private const int MetadataBytesMax = 5_000_000;
}
