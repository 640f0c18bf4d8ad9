using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Http;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Agent.Sources.Mqtt;
using EdgeFleet.Testing;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Tests.Sources;

public sealed class SourceOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_kind_has_options_of_its_own()
    {
        var http = Assert.IsType<HttpSourceOptions>(Read("""{ "Kind": "http", "Url": "https://camera.local/snapshot.jpg", "CredentialsFile": "/etc/c", "TimeoutSeconds": 3 }""").Of);
        Assert.Equal(("https://camera.local/snapshot.jpg", "/etc/c", 3), (http.Url.ToString(), http.CredentialsFile, http.TimeoutSeconds));

        var mqtt = Read("""{ "Kind": "mqtt", "Topic": "plant/#", "Tls": true, "Qos": 1, "Columns": ["x"], "Stride": 4 }""");
        var options = Assert.IsType<MqttSourceOptions>(mqtt.Of);
        Assert.Equal(("series", 8883, 1, ReadingFormat.Json, 4), (mqtt.InputKind, options.Port, options.Qos, options.Lines, options.Readings.Stride));
        Assert.Equal("image", Read("""{ "Kind": "mqtt", "Topic": "eye", "Payload": "image" }""").InputKind);

        var raw = Assert.IsType<CommandOptions>(Read("""{ "Kind": "command", "Program": "/bin/cam", "Arguments": ["-x", "1"], "Output": "nv12", "Width": 64, "Height": 48 }""").Of);
        Assert.Equal((RawFormat.Nv12, 64, 48, false), (raw.Video!.Format, raw.Video.Width, raw.Video.Height, raw.Video.IsFullRange));
        Assert.Equal("series", Read("""{ "Kind": "command", "Program": "sensor", "Output": "csv", "Columns": ["x", "y"] }""").InputKind);
        var preset = Assert.IsType<CommandOptions>(Read("""{ "Kind": "command", "Preset": "ffmpeg-rtsp", "Url": "rtsp://camera.local/1", "StallSeconds": 9 }""").Of);
        Assert.Equal(("ffmpeg", 9), (preset.Program, preset.StallSeconds));
        Assert.Contains("rtsp://camera.local/1", preset.Arguments);
    }

    [Theory]
    [InlineData("""{ "Kind": "http", "Url": "camera.local" }""", "Url: is 'camera.local', which is no address")]
    [InlineData("""{ "Kind": "http", "Url": "http://eye:secret@camera.local/" }""", "Url: carries a user or password")]
    [InlineData("""{ "Kind": "http" }""", "Url: is missing")]
    [InlineData("""{ "Kind": "mqtt", "Topic": "a/#/b" }""", "Topic: is 'a/#/b'")]
    [InlineData("""{ "Kind": "mqtt", "Topic": "a", "CaFile": "/ca.pem" }""", "CaFile: is given, but Tls is not true")]
    [InlineData("""{ "Kind": "mqtt", "Topic": "a", "Payload": "image", "Stride": 3 }""", "Stride: is not known here")]
    [InlineData("""{ "Kind": "command" }""", "Program: is missing")]
    [InlineData("""{ "Kind": "command", "Program": "bin/cam" }""", "Program: is 'bin/cam', but must be an absolute path")]
    [InlineData("""{ "Kind": "command", "Program": "cam", "Output": "rgb24" }""", "Width: and Height must both be given")]
    [InlineData("""{ "Kind": "command", "Program": "cam", "Output": "nv12", "Width": 63, "Height": 48 }""", "Width: is 63 and Height 48")]
    [InlineData("""{ "Kind": "command", "Program": "cam", "Output": "nv12", "Width": 64, "Height": 47 }""", "Width: is 64 and Height 47")]
    [InlineData("""{ "Kind": "command", "Preset": "magic" }""", "Preset: is 'magic', but must be one of ffmpeg-v4l2")]
    [InlineData("""{ "Kind": "command", "Preset": "ffmpeg-rtsp", "Url": "http://camera.local/1" }""", "Url: is 'http://camera.local/1', but must begin with rtsp://")]
    [InlineData("""{ "Kind": "command", "Preset": "gstreamer-csi", "Width": 636 }""", "Width: is 636")]
    [InlineData("""{ "Kind": "command", "Preset": "rpicam-vid", "Program": "cam" }""", "Program: is not known here")]
    [InlineData("""{ "Kind": "video" }""", "Kind: is 'video', which is no kind of source; there are images, csv, http, mqtt, command")]
    public void A_mistake_is_named_with_its_key(string json, string expected) =>
        Assert.Contains($"Slots:leaf:Source:{expected}", Assert.Throws<ConfigException>(() => Read(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_folder_or_file_that_is_not_there_yet_is_no_mistake()
    {
        Assert.Equal(_folder["unmounted"], Assert.IsType<ImageFolderOptions>(Read($$"""{ "Kind": "images", "Folder": "{{_folder["unmounted"]}}" }""").Of).Folder);
        Assert.Equal(_folder["later.csv"], Assert.IsType<CsvOptions>(Read($$"""{ "Kind": "csv", "File": "{{_folder["later.csv"]}}" }""").Of).File);
    }

    private SourceOptions Read(string source)
    {
        File.WriteAllText(_folder["agent.json"], $$"""{ "Slots": { "leaf": { "Source": {{source}} } } }""");
        var slots = ConfigFile.Load(_folder["agent.json"]).ReadSection(SlotsOptions.Section, SlotsOptions.Read);
        return slots.All[0].Source;
    }
}
