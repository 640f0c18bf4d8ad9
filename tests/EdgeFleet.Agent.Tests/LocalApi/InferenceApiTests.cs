using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.LocalApi;

public sealed class InferenceApiTests
{
    private const string Pump = """{"id":"a-1","inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5]}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_and_models_tell_what_they_are()
    {
        await using var bench = await new LocalApiBench().StartAsync();
        var shape = ShapeOf(bench);

        var server = await JsonAsync(bench, "/v2");
        Assert.Equal(("edgefleet-agent", "binary_tensor_data"), (server.GetProperty("name").GetString(), server.GetProperty("extensions")[0].GetString()));
        var model = await JsonAsync(bench, "/v2/models/pump");
        Assert.Equal(("pump", "1.0.0", "onnxruntime_onnx"), (model.GetProperty("name").GetString(), model.GetProperty("versions")[0].GetString(), model.GetProperty("platform").GetString()));
        Assert.Equal(("FP32", shape), (model.GetProperty("inputs")[0].GetProperty("datatype").GetString(), model.GetProperty("inputs")[0].GetProperty("shape").GetRawText()));
        Assert.Equal("[1,2]", model.GetProperty("outputs")[0].GetProperty("shape").GetRawText());
        Assert.Equal("pump", (await JsonAsync(bench, "/v2/models/pump/versions/1.0.0")).GetProperty("name").GetString());
        Assert.True((await JsonAsync(bench, "/v2/models/pump/versions/1.0.0/ready")).GetProperty("ready").GetBoolean());
    }

    [Fact]
    public async Task Readiness_follows_the_models()
    {
        await using var bench = await new LocalApiBench().StartAsync(withModels: false);

        Assert.Equal(HttpStatusCode.OK, (await bench.Http.GetAsync("/v2/health/live", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await bench.Http.GetAsync("/v2/health/ready", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await bench.Http.GetAsync("/v2/models/pump/ready", Cancel)).StatusCode);
        await bench.ActivateAsync("leaf", TestPackageSpec.Colours());
        await bench.ActivateAsync("pump", TestPackageSpec.Series(length: 4));

        Assert.Equal(HttpStatusCode.OK, (await bench.Http.GetAsync("/v2/health/ready", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bench.Http.GetAsync("/v2/models/pump/ready", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_tensor_gets_what_the_model_itself_gives_and_the_fleet_sees_nothing_of_it()
    {
        var results = new CollectedResults();
        await using var bench = await new LocalApiBench(observers: results).StartAsync();
        var expected = Expected(bench);

        using var answer = await bench.PostAsync("/v2/models/pump/infer", Request(bench));
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement;

        Assert.Equal(("pump", "1.0.0", "a-1"), (json.GetProperty("model_name").GetString(), json.GetProperty("model_version").GetString(), json.GetProperty("id").GetString()));
        var output = json.GetProperty("outputs")[0];
        Assert.Equal(("output", "FP32", "[1,2]"), (output.GetProperty("name").GetString(), output.GetProperty("datatype").GetString(), output.GetProperty("shape").GetRawText()));
        Assert.Equal(expected, output.GetProperty("data").EnumerateArray().Select(v => v.GetSingle()));
        Assert.Empty(results.All);
        Assert.Equal((0, 0, 1), (bench.Slot("pump").Counts.Read, bench.Slot("pump").Counts.Answered, bench.Slot("pump").Queue.Calls.Answered));
    }

    [Fact]
    public async Task Nested_data_binary_data_and_a_named_version_give_the_same()
    {
        await using var bench = await new LocalApiBench().StartAsync();
        var expected = Expected(bench);
        var shape = ShapeOf(bench);
        var nested = Request(bench).Replace("[1,0,-1,0.5,1,0,-1,0.5]", shape == "[1,2,4]" ? "[[[1,0,-1,0.5],[1,0,-1,0.5]]]" : "[[[1,0],[-1,0.5],[1,0],[-1,0.5]]]");
        using var byVersion = await bench.PostAsync("/v2/models/pump/versions/1.0.0/infer", nested);
        Assert.Equal(expected, JsonDocument.Parse(await byVersion.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(v => v.GetSingle()));

        var head = Encoding.UTF8.GetBytes("""
            {"parameters":{"binary_data_output":true},"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","parameters":{"binary_data_size":32}}],"outputs":[{"name":"output"}]}
            """.Replace("SHAPE", shape));
        byte[] body = [.. head, .. Readings.SelectMany(BitConverter.GetBytes)];
        using var content = LocalApiBench.Content(body, "application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(CultureInfo.InvariantCulture));
        using var answer = await bench.Http.PostAsync("/v2/models/pump/infer", content, Cancel);

        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        var jsonLength = int.Parse(answer.Headers.GetValues("Inference-Header-Content-Length").Single(), CultureInfo.InvariantCulture);
        Assert.Equal(8, JsonDocument.Parse(bytes.AsMemory(0, jsonLength)).RootElement.GetProperty("outputs")[0].GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
        Assert.Equal(expected, (float[])[BitConverter.ToSingle(bytes, jsonLength), BitConverter.ToSingle(bytes, jsonLength + 4)]);
    }

    [Theory]
    [InlineData("{", "is not the JSON that is expected")]
    [InlineData("", "is not the JSON that is expected")]
    [InlineData("[]", "is no JSON object")]
    [InlineData("{}", "has no 'inputs'")]
    [InlineData("""{"inputs":[]}""", "must be a list with one tensor")]
    [InlineData("""{"inputs":17}""", "must be a list with one tensor")]
    [InlineData("""{"inputs":[{"name":"other","shape":SHAPE,"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5]}]}""", "one input, 'input', not 'other'")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"INT64","data":[1,0,-1,0.5,1,0,-1,0.5]}]}""", "FP32, not 'INT64'")]
    [InlineData("""{"inputs":[{"name":"input","shape":[1,8],"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5]}]}""", "not [1, 8]")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1,0,-1]}]}""", "has 8 values; 3 are given")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5,9]}]}""", "has 8 values; more are given")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1e99,0,-1,0.5,1,0,-1,0.5]}]}""", "no finite numbers")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":["1",0,-1,0.5,1,0,-1,0.5]}]}""", "something else than numbers")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5]},{"name":"input"}]}""", "takes one input")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","parameters":{"binary_data_size":32}}]}""", "binary_data_size is 32, and 0 bytes follow")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5]}],"outputs":[{"name":"logits"}]}""", "no output 'logits'")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[1,0,-1,0.5,1,0,-1,0.5]}]} {}""", "is not the JSON that is expected")]
    [InlineData("""{"inputs":[{"name":"input","shape":[99999999999999999999],"datatype":"FP32","data":[1]}]}""", "is not the JSON that is expected")]
    [InlineData("""{"inputs":[{"name":"input","shape":SHAPE,"datatype":"FP32","data":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}]}""", "is not the JSON that is expected")]
    public async Task A_faulty_request_is_refused_with_what_is_wrong(string json, string part)
    {
        await using var bench = await new LocalApiBench().StartAsync();

        using var answer = await bench.PostAsync("/v2/models/pump/infer", json.Replace("SHAPE", ShapeOf(bench)));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(part, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0), (bench.Slot("pump").Queue.Calls.Answered, bench.Slot("pump").Queue.Calls.Failed));
    }

    [Theory]
    [InlineData("GET", "/v2/models/gate", 404, "no slot 'gate'")]
    [InlineData("GET", "/v2/models/pump/versions/9.9.9", 404, "no version '9.9.9'")]
    [InlineData("GET", "/v2/models/pump/stats", 404, "nothing at")]
    [InlineData("GET", "/favicon.ico", 404, "nothing at")]
    [InlineData("GET", "/v2/models/pump/infer", 405, "takes POST")]
    [InlineData("DELETE", "/v2/models/pump", 405, "takes GET")]
    public async Task What_is_not_there_is_named(string method, string path, int status, string part)
    {
        await using var bench = await new LocalApiBench().StartAsync();

        using var answer = await bench.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancel);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Contains(part, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_photo_gets_a_label_and_what_is_no_photo_is_told()
    {
        await using var bench = await new LocalApiBench().StartAsync();

        var json = JsonDocument.Parse(await (await bench.PostAsync("/edgefleet/v1/slots/leaf/classify", TestImages.Jpeg(10, 250, 10, 40, 30), "image/jpeg")).Content.ReadAsStringAsync(Cancel)).RootElement;
        Assert.Equal("green", json.GetProperty("label").GetString());
        Assert.Equal(json.GetProperty("confidence").GetSingle(), json.GetProperty("confidences").GetProperty("green").GetSingle());

        Assert.Equal(422, (int)(await bench.PostAsync("/edgefleet/v1/slots/leaf/classify", TestImages.Jpeg(10, 250, 10, 40, 30)[..200], "image/jpeg")).StatusCode);
        Assert.Equal(415, (int)(await bench.PostAsync("/edgefleet/v1/slots/leaf/classify", "{}")).StatusCode);
        Assert.Equal(400, (int)(await bench.PostAsync("/edgefleet/v1/slots/pump/classify", TestImages.Png(1, 2, 3), "image/png")).StatusCode);
        Assert.Equal((1, 1), (bench.Slot("leaf").Queue.Calls.Answered, bench.Slot("leaf").Queue.Calls.Failed));
    }

    [Fact]
    public async Task Curl_asks_by_the_same_protocol_over_the_socket()
    {
        await using var bench = await new LocalApiBench().StartAsync();
        // Large enough that curl asks for leave before it sends the body.
        var padded = Request(bench).Replace("\"id\":\"a-1\",", $"\"id\":\"a-1\",\"parameters\":{{\"padding\":\"{new string('x', 1_100_000)}\"}},");
        await File.WriteAllTextAsync(bench.Folder["request.json"], padded, Cancel);
        await File.WriteAllBytesAsync(bench.Folder["photo.jpg"], TestImages.Jpeg(250, 10, 10, 40, 30), Cancel);
        string[] curl = ["curl", "-sS", "--fail-with-body", "--unix-socket", bench.SocketPath];

        var infer = await LocalProcess.RunAsync([.. curl, "-H", "Content-Type: application/json", "--data-binary", $"@{bench.Folder["request.json"]}", "http://localhost/v2/models/pump/infer"], TimeSpan.FromSeconds(30), Cancel);
        var chunked = await LocalProcess.RunAsync([.. curl, "-H", "Content-Type: image/jpeg", "-H", "Transfer-Encoding: chunked", "-X", "POST", "-T", bench.Folder["photo.jpg"], "http://localhost/edgefleet/v1/slots/leaf/classify"], TimeSpan.FromSeconds(30), Cancel);
        var both = await LocalProcess.RunAsync([.. curl, "http://localhost/v2/health/live", "http://localhost/v2/health/ready"], TimeSpan.FromSeconds(30), Cancel);

        Assert.True(infer.Code == 0, infer.All);
        Assert.Equal(Expected(bench), JsonDocument.Parse(infer.Output).RootElement.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(v => v.GetSingle()));
        Assert.Contains("\"label\":\"red\"", chunked.All, StringComparison.Ordinal);
        Assert.Equal("""{"live":true}{"ready":true}""", both.Output.Trim());
    }

    private static readonly float[] Readings = [1, 0, -1, 0.5f, 1, 0, -1, 0.5f];

    private static string Request(LocalApiBench bench) => Pump.Replace("SHAPE", ShapeOf(bench));

    private static string ShapeOf(LocalApiBench bench) => $"[{string.Join(',', bench.Slot("pump").Active!.Session.InputInfo.Shape)}]";

    // The same file in a session of its own.
    private static float[] Expected(LocalApiBench bench)
    {
        var model = bench.Slot("pump").Active!;
        var path = Path.Combine(bench.Folder["state", "packages"], model.Variant.File.Digest.Value);
        var file = File.Exists(path) ? path : Directory.EnumerateFiles(bench.Folder["state", "packages"], $"*{model.Variant.File.Digest.Value}*", SearchOption.AllDirectories).First();
        using var session = ModelSession.Load(file, model.Manifest.Input, model.Manifest.Output);
        Readings.CopyTo(session.Input);
        using var options = new Microsoft.ML.OnnxRuntime.RunOptions();
        session.Run(options);
        return session.Output.ToArray();
    }

    private static async Task<JsonElement> JsonAsync(LocalApiBench bench, string path) => JsonDocument.Parse(await bench.Http.GetStringAsync(path, Cancel)).RootElement;
}
