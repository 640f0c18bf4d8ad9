using System.Net;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Alerts;

public sealed class BlobTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private ContentStore Store => new(fixture.Plane.Services.GetRequiredService<DataFolder>().Blobs);

    [Fact]
    public async Task A_photo_comes_in_a_sandbox_and_may_be_kept_for_good()
    {
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 1, 2, 3, 4];
        using var answer = await GetAsync(Store.Add(jpeg));
        Assert.Equal("image/jpeg", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("sandbox; default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Contains("immutable", answer.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.Equal(jpeg, await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("<html><script>alert(1)</script>")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")]
    [InlineData("")]
    public async Task What_is_no_photo_is_never_shown(string content)
    {
        using var answer = await GetAsync(Store.Add(System.Text.Encoding.UTF8.GetBytes(content)));
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("sandbox; default-src 'none'", Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
    }

    [Theory]
    [InlineData("..%2f..%2fca%2fca.key")]
    [InlineData("incoming")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Nothing_but_a_digest_names_a_photo(string name)
    {
        using var http = await fixture.Plane.ProgramAsync(Policies.Viewer);
        using var answer = await http.GetAsync("api/blobs/" + name);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private async Task<HttpResponseMessage> GetAsync(Sha256Digest digest)
    {
        using var http = await fixture.Plane.ProgramAsync(Policies.Viewer);
        return await http.GetAsync($"api/blobs/{digest}");
    }
}
