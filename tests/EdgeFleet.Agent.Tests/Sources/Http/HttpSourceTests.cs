using System.Net;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Http;
using EdgeFleet.Agent.Tests.Sources.Commands;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Sources.Http;

public sealed class HttpSourceTests : IAsyncDisposable
{
    private static readonly byte[] Red = TestImages.NoisyJpeg(200, 150, 1);
    private static readonly byte[] Green = TestImages.NoisyJpeg(60, 40, 2);

    private readonly TempFolder _folder = new();
    private readonly SourceCounters _counters = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SnapshotServer _camera = new();

    public async ValueTask DisposeAsync()
    {
        await _camera.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_new_picture_is_a_sample_and_the_same_one_is_none()
    {
        using var source = await SourceAsync(c => SnapshotServer.SendAsync(c, _camera.Requests < 3 ? Red : Green, tag: null));

        Assert.Equal(Red, await source.ImageAsync());
        Assert.Equal(SourceOutcomeKind.Nothing, (await SourceReadings.ReadAsync(source, CommandBench.Pictures, new Sample())).Kind);
        var sample = await source.SampleAsync(CommandBench.Pictures);

        Assert.Equal(Green, sample.Image.ToArray());
        Assert.Equal("127.0.0.1 snapshot 2", sample.Origin);
    }

    [Fact]
    public async Task A_server_that_knows_tags_is_asked_only_for_what_changed()
    {
        var asked = new List<string>();
        using var source = await SourceAsync(async c =>
        {
            asked.Add(c.Request.Headers.IfNoneMatch.ToString());
            var tag = _camera.Requests < 3 ? "\"one\"" : "\"two\"";
            if (c.Request.Headers.IfNoneMatch == tag)
                c.Response.StatusCode = StatusCodes.Status304NotModified;
            else
                await SnapshotServer.SendAsync(c, tag == "\"one\"" ? Red : Green, tag);
        });

        await source.SampleAsync(CommandBench.Pictures);
        Assert.Equal(SourceOutcomeKind.Nothing, (await SourceReadings.ReadAsync(source, CommandBench.Pictures, new Sample())).Kind);
        Assert.Equal(Green, await source.ImageAsync());
        Assert.Equal(["", "\"one\"", "\"one\""], asked);
    }

    [Fact]
    public async Task The_same_picture_for_long_is_a_camera_that_hangs_unless_it_may_stand_still()
    {
        using var source = await SourceAsync(c => SnapshotServer.SendAsync(c, Red, "\"x\""));
        await source.SampleAsync(CommandBench.Pictures);
        _time.Advance(TimeSpan.FromSeconds(301));

        Assert.Contains("the same picture for 5 min", (await source.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        using var repeating = new HttpSource(Options() with { RepeatUnchanged = true }, _counters, _time);
        await repeating.SampleAsync(CommandBench.Pictures);
        await repeating.SampleAsync(CommandBench.Pictures);
    }

    [Fact]
    public async Task Basic_and_digest_credentials_come_from_a_file_and_a_changed_one_is_read_anew()
    {
        using var source = await SourceAsync(async c =>
        {
            if (c.Request.Path == "/digest" ? IsDigest(c) : c.Request.Headers.Authorization == $"Basic {Convert.ToBase64String("eye:s3:cret"u8)}")
                await SnapshotServer.SendAsync(c, Red, tag: null);
            else
                Challenge(c);
        });
        File.WriteAllText(_folder["credentials"], "eye:wrong\n");
        var options = Options() with { CredentialsFile = _folder["credentials"], RepeatUnchanged = true };
        using var basic = new HttpSource(options with { Url = new Uri(options.Url, "/basic") }, _counters, _time);
        using var digest = new HttpSource(options with { Url = new Uri(options.Url, "/digest") }, _counters, _time);

        Assert.Contains("answered 401", (await source.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        Assert.Contains($"other than those of {_folder["credentials"]}", (await basic.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        File.WriteAllText(_folder["credentials"], "eye:s3:cret\n");
        File.SetLastWriteTimeUtc(_folder["credentials"], File.GetLastWriteTimeUtc(_folder["credentials"]).AddSeconds(5));

        Assert.Equal(Red, await basic.ImageAsync());
        Assert.Equal(Red, await digest.ImageAsync());
        File.Delete(_folder["credentials"]);
        Assert.Contains(_folder["credentials"], (await basic.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_snapshot_is_named_and_a_well_camera_is_read_again()
    {
        Func<HttpContext, Task> answer = c => Task.CompletedTask;
        using var source = await SourceAsync(c => answer(c), o => o with { TimeoutSeconds = 1, BytesMax = 100_000 });
        async Task StallsWith(string part, Func<HttpContext, Task> how)
        {
            answer = how;
            var stall = await source.StallAsync(CommandBench.Pictures);
            Assert.Contains(part, stall.Why, StringComparison.Ordinal);
            Assert.NotEmpty(stall.Remedy);
        }

        await StallsWith("answered 500", c => Status(c, 500));
        await StallsWith("answered 404", c => Status(c, 404));
        await StallsWith("empty image", c => SnapshotServer.SendAsync(c, [], tag: null));
        await StallsWith("text/html, which is no image", c => SnapshotServer.SendAsync(c, Red, tag: null, type: "text/html"));
        await StallsWith("multipart/x-mixed-replace", c => SnapshotServer.SendAsync(c, Red, tag: null, type: "multipart/x-mixed-replace; boundary=x"));
        await StallsWith("within 1 s", async c => await Task.Delay(Timeout.Infinite, c.RequestAborted));
        await StallsWith("within 1 s", c => DripAsync(c, Red));
        await StallsWith("more than 100000 bytes", c => EndlessAsync(c));
        await StallsWith("more than 100000 bytes", c => SnapshotServer.SendAsync(c, new byte[100_001], tag: null));
        await StallsWith("could not be read", c => CutAsync(c, Red));
        answer = c => SnapshotServer.SendAsync(c, Green, tag: null);

        Assert.Equal(Green, await source.ImageAsync());
    }

    [Fact]
    public async Task Redirects_are_followed_on_the_same_host_alone()
    {
        using var source = await SourceAsync(c => c.Request.Path.Value switch
        {
            "/snapshot" => Sent(c, "/there"),
            "/there" => SnapshotServer.SendAsync(c, Red, tag: null),
            "/loop" => Sent(c, "/loop"),
            "/down" => Sent(c, "ftp://127.0.0.1/x.jpg"),
            _ => Sent(c, "http://localhost:1/x.jpg"),
        });

        Assert.Equal(Red, await source.ImageAsync());
        foreach (var path in (string[])["/loop", "/away", "/down"])
        {
            using var other = new HttpSource(Options() with { Url = new Uri(Options().Url, path) }, _counters, _time);
            Assert.Contains("only addresses of the same host", (await other.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task TLS_is_checked_against_the_named_CA()
    {
        await _camera.StartAsync(c => SnapshotServer.SendAsync(c, Red, tag: null), _folder, isTls: true);
        using var trusting = new HttpSource(Options() with { CaFile = _folder["ca.pem"] }, _counters, _time);
        using var systems = new HttpSource(Options(), _counters, _time);

        Assert.Equal(Red, await trusting.ImageAsync());
        Assert.Contains("could not be read", (await systems.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        File.WriteAllText(_folder["ca.pem"], "no certificate");
        using var faulty = new HttpSource(Options() with { CaFile = _folder["ca.pem"] }, _counters, _time);
        Assert.Contains("is no certificate", (await faulty.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
    }

    private HttpSourceOptions Options() => new() { Url = new Uri(_camera.Address, "/snapshot") };

    private async Task<HttpSource> SourceAsync(RequestDelegate answer, Func<HttpSourceOptions, HttpSourceOptions>? change = null)
    {
        await _camera.StartAsync(answer, _folder);
        return new HttpSource((change ?? (o => o))(Options()), _counters, _time);
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task Sent(HttpContext context, string location)
    {
        context.Response.Headers.Location = location;
        return Status(context, StatusCodes.Status302Found);
    }

    private static void Challenge(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.Headers.WWWAuthenticate = context.Request.Path == "/digest"
            ? "Digest realm=\"camera\", qop=\"auth\", algorithm=MD5, nonce=\"abc\", opaque=\"xyz\""
            : "Basic realm=\"camera\"";
    }

    // RFC 7616, section 3.4.1, with MD5 as cameras have it.
    private static bool IsDigest(HttpContext context)
    {
        var parts = context.Request.Headers.Authorization.ToString().Split(["Digest ", ", ", ","], StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0].Trim(), p => p[1].Trim('"'));
        if (!parts.TryGetValue("response", out var response))
            return false;

        var secret = Md5($"{parts["username"]}:camera:s3:cret");
        return response == Md5($"{secret}:abc:{parts["nc"]}:{parts["cnonce"]}:auth:{Md5($"GET:{parts["uri"]}")}");
    }

#pragma warning disable CA5351 // The method that cameras offer.
    private static string Md5(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    private static async Task DripAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentType = "image/jpeg";
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        foreach (var piece in bytes.Chunk(10))
        {
            await context.Response.Body.WriteAsync(piece, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await timer.WaitForNextTickAsync(context.RequestAborted);
        }
    }

    private static async Task EndlessAsync(HttpContext context)
    {
        context.Response.ContentType = "image/jpeg";
        while (!context.RequestAborted.IsCancellationRequested)
            await context.Response.Body.WriteAsync(new byte[4096], context.RequestAborted);
    }

    private static async Task CutAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentType = "image/jpeg";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
        await context.Response.Body.FlushAsync();
        context.Abort();
    }
}
