using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Tests.Hosting;

/// <summary>Three doors, and who gets in through which.</summary>
public sealed class ListenersTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public async Task The_ports_that_were_taken_stand_in_a_file_that_all_may_read()
    {
        var file = Path.Combine(_plane.DataFolder, "endpoints.json");
        var endpoints = JsonNode.Parse(await File.ReadAllTextAsync(file))!;

        Assert.Equal((_plane.Ports.HttpsPort, _plane.Ports.DeviceHttpsPort, _plane.Ports.MqttPort),
            ((int)endpoints["https"]!, (int)endpoints["deviceHttps"]!, (int)endpoints["mqtt"]!));
        Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.OtherRead));
    }

    [Fact]
    public async Task A_package_file_comes_whole_and_in_ranges_and_may_be_kept_for_ever()
    {
        var content = RandomNumberGenerator.GetBytes(100_000);
        var digest = new ContentStore(Path.Combine(_plane.DataFolder, "packages")).Add(content);
        using var http = _plane.Devices(_leaf.Certificate);

        using var whole = await http.GetAsync($"packages/{digest}");
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, $"packages/{digest}"));
        using var rest = new HttpRequestMessage(HttpMethod.Get, $"packages/{digest}") { Headers = { Range = new RangeHeaderValue(60_000, null), IfRange = new RangeConditionHeaderValue($"\"{digest}\"") } };
        using var part = await http.SendAsync(rest);
        using var past = new HttpRequestMessage(HttpMethod.Get, $"packages/{digest}") { Headers = { Range = new RangeHeaderValue(100_000, null) } };
        using var nothing = await http.SendAsync(past);

        Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
        Assert.Equal($"\"{digest}\"", whole.Headers.ETag?.Tag);
        Assert.Contains("immutable", whole.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.Equal(100_000, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[60_000..], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, nothing.StatusCode);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("..%2Fca%2Fca.key")]
    [InlineData("incoming")]
    public async Task What_is_no_package_file_is_not_found(string name)
    {
        using var http = _plane.Devices(_leaf.Certificate);

        using var answer = await http.GetAsync($"packages/{name}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_delta_comes_in_ranges_to_devices_alone_and_is_not_there_for_files_of_no_package()
    {
        var (from, to, content) = (Sha256Digest.Of([1]), Sha256Digest.Of([2]), RandomNumberGenerator.GetBytes(5000));
        Directory.CreateDirectory(Path.Combine(_plane.DataFolder, "deltas")); // Before the first that is asked for.
        await File.WriteAllBytesAsync(Path.Combine(_plane.DataFolder, "deltas", $"{from}.{to}"), content);
        using var http = _plane.Devices(_leaf.Certificate);

        using var rest = new HttpRequestMessage(HttpMethod.Get, $"packages/deltas/{from}/{to}") { Headers = { Range = new RangeHeaderValue(4000, null) } };
        using var part = await http.SendAsync(rest);
        using var none = await http.GetAsync($"packages/deltas/{to}/{from}");
        using var wrong = await http.GetAsync($"packages/deltas/..%2Fca%2Fca.key/{to}");
        await _plane.WithDbAsync(db => db.Set<Device>().ExecuteUpdateAsync(d => d.SetProperty(x => x.Revoked, 1L)));
        using var shutOut = await http.GetAsync($"packages/deltas/{from}/{to}");

        Assert.Equal(content[4000..], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            (HttpStatusCode.PartialContent, HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.Forbidden),
            (part.StatusCode, none.StatusCode, wrong.StatusCode, shutOut.StatusCode));
    }

    [Fact]
    public async Task A_device_that_was_shut_out_gets_no_file_though_its_certificate_is_good()
    {
        var digest = new ContentStore(Path.Combine(_plane.DataFolder, "packages")).Add([1]);
        using var http = _plane.Devices(_leaf.Certificate);
        using var before = await http.GetAsync($"packages/{digest}");
        await _plane.WithDbAsync(db => db.Set<Device>().ExecuteUpdateAsync(d => d.SetProperty(x => x.Revoked, 1L)));

        using var after = await http.GetAsync($"packages/{digest}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (before.StatusCode, after.StatusCode));
    }

    [Fact]
    public async Task Nobody_without_a_certificate_gets_in_on_the_devices_port()
    {
        using var http = _plane.Devices(null);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetAsync("healthz"));
    }

    [Fact]
    public async Task A_session_made_at_the_peoples_port_does_not_go_on_at_the_devices_where_a_certificate_is_asked_for()
    {
        // The same client settings, so that the TLS library may offer the session of the first at the second.
        using var people = _plane.Client(_plane.Ports.HttpsPort, _leaf.Certificate);
        using var devices = _plane.Client(_plane.Ports.DeviceHttpsPort, _leaf.Certificate);
        using var first = await people.GetAsync("healthz");

        using var second = await devices.GetAsync($"packages/{new string('0', 64)}");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (first.StatusCode, second.StatusCode));
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("api/me")]
    [InlineData("api/devices")]
    [InlineData("enrol/v1")]
    [InlineData("")]
    public async Task What_is_for_people_is_not_found_on_the_devices_port(string path)
    {
        using var http = _plane.Devices(_leaf.Certificate);

        using var get = await http.GetAsync(path);
        using var post = await http.PostAsync(path, null);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.NotFound), (get.StatusCode, post.StatusCode));
    }

    [Fact]
    public async Task What_is_for_devices_is_not_found_on_the_peoples_port_even_with_a_certificate()
    {
        var digest = new ContentStore(Path.Combine(_plane.DataFolder, "packages")).Add([1]);
        using var http = _plane.Client(_plane.Ports.HttpsPort, _leaf.Certificate);

        using var answer = await http.GetAsync($"packages/{digest}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_process_says_that_it_lives_and_that_it_is_ready()
    {
        using var http = _plane.People();

        using var live = await http.GetAsync("healthz");
        using var ready = await http.GetAsync("readyz");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (live.StatusCode, ready.StatusCode));
        Assert.Contains("default-src 'self'", live.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("nosniff", live.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.False(live.Headers.Contains("Server"));
    }
}
