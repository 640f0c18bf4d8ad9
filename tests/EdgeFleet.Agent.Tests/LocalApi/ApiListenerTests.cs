using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.LocalApi;
using EdgeFleet.Agent.Tests.Sources;
using EdgeFleet.Testing.Packages;
using FsCheck.Xunit;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Tests.LocalApi;

public sealed class ApiListenerTests
{
    private const string Live = "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET / HTTP/2.0\r\n\r\n", "400")]
    [InlineData("\r\n\r\n", "400")]
    [InlineData("GET /v2 HTTP/1.1\nHost: localhost\r\n\r\n", "400")]
    [InlineData("GET /v2 HTTP/1.1\r\nHost : localhost\r\n\r\n", "400")]
    [InlineData("GET /v2 HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", "400")]
    [InlineData("GET /v2 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400")]
    [InlineData("GET /v2 HTTP/1.1\r\nX: \u0001\r\n\r\n", "400")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "400")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "400")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nContent-Length: -5\r\n\r\n", "400")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "413")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", "400")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", "413")]
    [InlineData("POST /v2/models/pump/infer HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "400")]
    public async Task What_two_parsers_could_read_differently_is_refused_and_the_connection_ends(string request, string status)
    {
        await using var bench = await new LocalApiBench().StartAsync();

        var answer = await bench.RawAsync(request + Live);

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\"live\"", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Contains("\"live\":true", await bench.RawAsync(Live.Replace("Host", "Connection: close\r\nHost")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_head_or_body_beyond_the_bounds_is_refused()
    {
        await using var bench = await new LocalApiBench(", \"BodyBytesMax\": 2048").StartAsync();

        Assert.StartsWith("HTTP/1.1 431 ", await bench.RawAsync($"GET /{new string('a', 9000)} HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 400 ", await bench.RawAsync($"GET / HTTP/1.1\r\n{string.Concat(Enumerable.Range(0, 70).Select(i => $"a{i}: b\r\n"))}\r\n"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await bench.PostAsync("/v2/models/pump/infer", new string(' ', 2049))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await bench.PostAsync("/v2/models/pump/infer", new string(' ', 2048))).StatusCode);
    }

    [Fact]
    public async Task A_slow_caller_is_let_go_and_holds_up_nobody()
    {
        await using var bench = await new LocalApiBench(", \"SlowSeconds\": 1, \"ConnectionsMax\": 3").StartAsync();
        await using var slowHead = await bench.ConnectAsync();
        await slowHead.WriteAsync("GET /v2/hea"u8.ToArray(), Cancel);
        await using var slowBody = await bench.ConnectAsync();
        await slowBody.WriteAsync("POST /v2/models/pump/infer HTTP/1.1\r\nContent-Length: 10\r\n\r\n{"u8.ToArray(), Cancel);

        Assert.StartsWith("HTTP/1.1 408 ", await LocalApiBench.RestAsync(slowHead), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 408 ", await LocalApiBench.RestAsync(slowBody), StringComparison.Ordinal);
        Assert.Contains("\"live\":true", await bench.Http.GetStringAsync("/v2/health/live", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_connection_too_many_is_turned_away()
    {
        await using var bench = await new LocalApiBench(", \"ConnectionsMax\": 1").StartAsync();
        await using var first = await bench.ConnectAsync();
        await first.WriteAsync(Encoding.ASCII.GetBytes(Live), Cancel);
        await first.ReadExactlyAsync(new byte[20], Cancel);

        var second = await bench.RawAsync("");

        Assert.StartsWith("HTTP/1.1 503 ", second, StringComparison.Ordinal);
        Assert.Contains("Retry-After: 1", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_one_after_another_on_a_connection_are_answered_in_order()
    {
        await using var bench = await new LocalApiBench().StartAsync();

        var answer = await bench.RawAsync(Live + "GET /v2/nothing HTTP/1.1\r\n\r\n" + "GET /v2/health/ready HTTP/1.0\r\n\r\n");

        Assert.Equal(["200", "404", "200"], answer.Split("HTTP/1.1 ").Skip(1).Select(a => a[..3]));
    }

    [Fact]
    public async Task Too_many_calls_at_a_time_are_told_to_come_again()
    {
        var gate = new HoldingObserver();
        await using var bench = await new LocalApiBench(", \"QueueLength\": 1", observers: gate).StartAsync();
        var sample = bench.Slot("leaf").Samples.Rent();
        sample.GiveFault("Nothing but to hold the slot.", SampleOrigin.Named("test"));
        bench.Slot("leaf").Queue.Offer(sample);
        await gate.Held.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        var photo = TestImages.Jpeg(250, 10, 10);
        Task<HttpResponseMessage>[] calls = [.. Enumerable.Range(0, 2).Select(_ => bench.PostAsync("/edgefleet/v1/slots/leaf/classify", photo, "image/jpeg"))];
        var refused = await await Task.WhenAny(calls);
        gate.LetGo();
        Assert.Equal(429, (int)refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);

        Assert.Equal([200, 429], (await Task.WhenAll(calls)).Select(r => (int)r.StatusCode).Order());
        Assert.Equal((1, 1), (bench.Slot("leaf").Queue.Calls.Answered, bench.Slot("leaf").Queue.Calls.Refused));
    }

    [Fact]
    public async Task A_token_is_asked_for_where_one_is_set_and_a_new_one_counts_at_once()
    {
        await using var bench = new LocalApiBench($", \"TokenFile\": \"{Path.Combine(Path.GetTempPath(), $"edgefleet-{Guid.NewGuid():n}")}\"");
        await bench.StartAsync();
        var file = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(bench.Folder["agent.json"], Cancel)).RootElement.GetProperty("LocalApi").GetProperty("TokenFile").GetString()!;
        async Task<int> StatusAsync(string path, string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (token is not null)
                request.Headers.Authorization = new("Bearer", token);
            return (int)(await bench.Http.SendAsync(request, Cancel)).StatusCode;
        }

        Assert.Equal(401, await StatusAsync("/metrics", "one"));
        await File.WriteAllTextAsync(file, "one\n", Cancel);
        Assert.Equal(
            (401, 401, 200, 200),
            (await StatusAsync("/metrics", null), await StatusAsync("/v2", "two"), await StatusAsync("/v2", "one"), await StatusAsync("/v2/health/live", null)));
        await File.WriteAllTextAsync(file, "two\n", Cancel);
        Assert.Equal((401, 200), (await StatusAsync("/v2", "one"), await StatusAsync("/v2", "two")));
        File.Delete(file);
    }

    [Fact]
    public async Task A_loopback_port_answers_only_to_names_of_this_machine()
    {
        var port = FreePort();
        await using var bench = await new LocalApiBench(listen: $"127.0.0.1:{port}").StartAsync();

        Assert.StartsWith("HTTP/1.1 403 ", await bench.RawAsync("GET /v2 HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await bench.RawAsync("GET /v2 HTTP/1.1\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
        foreach (var host in (string[])["localhost", "localhost:80", $"127.0.0.1:{port}", "[::1]:80"])
            Assert.StartsWith("HTTP/1.1 200 ", await bench.RawAsync($"GET /v2 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:8470", "other machines could reach")]
    [InlineData("192.168.1.2:8470", "other machines could reach")]
    [InlineData("[::]:8470", "other machines could reach")]
    [InlineData("127.0.0.1", "neither unix: and an absolute path nor an address with a port")]
    [InlineData("unix:api.sock", "neither unix:")]
    [InlineData("localhost:8470", "neither unix:")]
    public void A_place_that_others_could_reach_is_a_fault_of_the_configuration(string listen, string part) =>
        Assert.Contains($"LocalApi:Listen: is '{listen}', which", Assert.Single(Assert.Throws<ConfigException>(() => new LocalApiBench(listen: listen)).Faults, f => f.ToString().Contains(part, StringComparison.Ordinal)).ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task A_socket_left_behind_is_replaced_and_its_rights_are_kept_to_user_and_group()
    {
        await using var bench = new LocalApiBench();
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(bench.Folder["other.sock"]));
            // Out of the way of its owner's tidying up, which a killed one does not do.
            File.Move(bench.Folder["other.sock"], bench.SocketPath);
        }

        Assert.True(Path.Exists(bench.SocketPath));

        await bench.StartAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(bench.SocketPath));
        Assert.Equal(HttpStatusCode.OK, (await bench.Http.GetAsync("/v2", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_socket_that_somebody_listens_at_is_left_to_him()
    {
        await using var bench = new LocalApiBench();
        using var other = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(bench.SocketPath));
        other.Listen();
        await bench.StartHostAsync();

        await bench.Health.WhenAsync(w => w.Any(x => x.Text.Contains("Another program listens", StringComparison.Ordinal)));

        Assert.False(bench.Listening.IsCompleted);
        Assert.True(Path.Exists(bench.SocketPath));
    }

    [Fact]
    public async Task A_place_that_cannot_be_had_is_warned_of_and_tried_again()
    {
        var time = new WaitedClock();
        await using var bench = new LocalApiBench(time: time);
        await File.WriteAllTextAsync(bench.SocketPath, "somebody's notes", Cancel);
        await bench.StartHostAsync();

        await bench.Health.WhenAsync(w => w.Any(x => x.Code == ApiListener.WarningDown));
        Assert.Equal("somebody's notes", await File.ReadAllTextAsync(bench.SocketPath, Cancel));
        File.Delete(bench.SocketPath);
        await time.AdvanceUntilAsync(bench.Listening);

        Assert.Empty(bench.Health.Warnings);
    }

    [Fact]
    public async Task Metrics_are_in_the_format_of_Prometheus_and_count_what_happened()
    {
        var results = new EdgeFleet.Agent.Tests.Inference.CollectedResults();
        await using var bench = await new LocalApiBench(observers: results).StartAsync();
        var slot = bench.Slot("leaf");
        foreach (var image in (byte[][])[TestImages.Jpeg(250, 10, 10), TestImages.Jpeg(10, 250, 10)[..100]])
        {
            var sample = slot.Samples.Rent();
            image.CopyTo(sample.RoomForImage(image.Length));
            sample.GiveImage(image.Length, SampleOrigin.Named("test"));
            sample.Stamp(1, TimeProvider.System.GetTimestamp());
            slot.Queue.Offer(sample);
        }

        await results.WhenAsync(2);
        await bench.PostAsync("/edgefleet/v1/slots/leaf/classify", TestImages.Jpeg(250, 10, 10), "image/jpeg");
        bench.Health.Raise("x-\"quoted\"", null, "Text.", "Remedy.");
        using var answer = await bench.Http.GetAsync("/metrics", Cancel);
        var lines = (await answer.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.All(lines, line => Assert.Matches("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="([^"\\]|\\.)*"(,|(?=\})))*\})? -?[0-9.E+-]+)$""", line));
        Assert.Equal(lines.Length, lines.Distinct().Count());
        foreach (var expected in (string[])[
            """edgefleet_samples_total{slot="leaf",outcome="answered"} 1""", """edgefleet_samples_total{slot="leaf",outcome="failed"} 1""",
            """edgefleet_model_info{slot="pump",model="series",version="1.0.0",variant="cpu-fp32"} 1""", """edgefleet_sample_seconds_count{slot="leaf"} 1""",
            """edgefleet_calls_total{slot="leaf",outcome="answered"} 1""", """edgefleet_health_warning{code="x-\"quoted\"",slot=""} 1""",
            """edgefleet_source_restarts_total{slot="pump"} 0"""])
            Assert.Contains(expected, lines);
        var slow = Assert.Single(lines, l => l.StartsWith("""edgefleet_sample_seconds{slot="leaf",quantile="0.95"} """, StringComparison.Ordinal));
        Assert.InRange(double.Parse(slow.Split(' ')[1], CultureInfo.InvariantCulture), 1e-6, 60);
    }

    [Property]
    public bool No_bytes_break_the_parser_of_heads(byte[] bytes)
    {
        byte[] lines = [.. "GET /v2 HTTP/1.1\r\n"u8, .. bytes];
        return (RequestHead.Parse(bytes, out var one) is null) == (one.Length > 0) && (RequestHead.Parse(lines, out var other) is null) == (other.Length > 0);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class HoldingObserver : ISampleObserver
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly object _gate = new();
        private bool _isOpen;

        public Task Held => _held.Task;

        public void LetGo()
        {
            lock (_gate)
            {
                _isOpen = true;
                Monitor.PulseAll(_gate);
            }
        }

        public void Observe(in SampleResult result)
        {
            _held.TrySetResult();
            lock (_gate)
            {
                while (!_isOpen)
                    Monitor.Wait(_gate);
            }
        }
    }
}
