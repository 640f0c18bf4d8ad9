using System.Globalization;
using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using SkiaSharp;

namespace EdgeFleet.Agent.Tests.Hosting;

/// <summary>From a sample to an answer to an alert for each task beside classification, wired as the program wires it.</summary>
public sealed class TaskPipelineTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SignallingSink _sink = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_detector_raises_an_alert_with_its_boxes_on_the_photo()
    {
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllBytes(_folder["photos", "a.png"], TestImages.Squares((new SKColor(235, 30, 30), 16, 24), (new SKColor(30, 30, 235), 88, 80), (new SKColor(30, 235, 30), 80, 8)));
        var rule = new AlertRule { Id = "blue-seen", Label = "blue", Seen = 2, Of = 3, AreaMin = 0.05 };

        var alert = await RunAsync($$"""{ "Kind": "images", "Folder": "{{_folder["photos"]}}", "SamplesPerSecond": 50 }""", SamplePackages.Spots() with { Alerts = [rule] });

        Assert.Equal(["blue", "red"], alert.Boxes!.Select(b => b.Label));
        Assert.InRange(alert.Boxes![0].Left, 0.66, 0.71);
        Assert.InRange(alert.Boxes[0].Bottom, 0.85, 0.9);
        Assert.InRange(alert.Confidence, 0.9, 1);
        Assert.NotNull(alert.Photo);
        var profile = _sink.Profiles[0];
        Assert.Equal((profile.Answered, profile.Answered), (profile.Outputs[0], profile.Outputs[1]));
        Assert.Equal(profile.Answered, profile.Confidence!.Counts[^1]);
    }

    [Fact]
    public async Task A_box_that_is_too_small_raises_nothing_while_a_large_one_does()
    {
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllBytes(_folder["photos", "a.png"], TestImages.Squares((new SKColor(235, 30, 30), 16, 24)));
        AlertRule[] rules = [new() { Id = "huge-red", Label = "red", Seen = 1, Of = 1, AreaMin = 0.5 }, new() { Id = "red-seen", Label = "red", Seen = 3, Of = 3 }];

        var alert = await RunAsync($$"""{ "Kind": "images", "Folder": "{{_folder["photos"]}}", "SamplesPerSecond": 50 }""", SamplePackages.Spots() with { Alerts = rules });

        // The first rule would have been raised by the first of the three samples.
        Assert.Equal("red-seen", alert.Rule);
    }

    [Fact]
    public async Task An_anomaly_score_beyond_its_threshold_raises_an_alert_with_the_readings()
    {
        var readings = Enumerable.Range(0, 12).SelectMany(i => SamplePackages.HumWindow(0.07 * i, isFaulty: i >= 6));
        File.WriteAllLines(_folder["hum.csv"], readings.Select(r => r.ToString(CultureInfo.InvariantCulture)).Prepend("level"));
        var rule = new AlertRule { Id = "strange", Label = "anomaly", Severity = "critical", Seen = 2, Of = 3 };

        var alert = await RunAsync($$"""{ "Kind": "csv", "File": "{{_folder["hum.csv"]}}", "Stride": 64, "SamplesPerSecond": 50 }""", SamplePackages.Hum() with { Alerts = [rule] });

        Assert.InRange(alert.Score!.Value, 0.1, 0.15);
        Assert.Equal((2, "critical", 64), (alert.Seen, alert.Severity, alert.Readings!.Count));
        Assert.Null(alert.Boxes);
        var profile = _sink.Profiles[0];
        Assert.Equal(profile.Answered, profile.Outputs.Sum());
        Assert.All(profile.Outputs, o => Assert.True(o > 0));
        Assert.Equal(profile.Answered, profile.Confidence!.Counts.Sum());
    }

    private async Task<AlertChange> RunAsync(string source, TestPackageSpec spec)
    {
        File.WriteAllText(_folder["agent.json"], $$"""
            { "Agent": { "StateFolder": "{{_folder["state"]}}" }, "Slots": { "one": { "Source": {{source}} } }, "Logging": { "Level": "Warning" } }
            """);
        var configuration = ConfigFile.Load(_folder["agent.json"]);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(configuration);
        builder.Services
            .AddHosting(configuration).AddHealth().AddSingleton<IRecordSink>(_sink).AddMonitoring(configuration).AddAlerts().AddInference(configuration).AddSources();
        builder.Services.ThrowIfMisconfigured(configuration);
        using var host = builder.Build();
        await host.StartAsync(Cancel);
        var (slot, package) = (host.Services.GetRequiredService<IModelHost>(), TestPackage.Build(spec));
        package.AddTo(host.Services.GetRequiredService<ContentStore>());
        await slot.SwapAsync(await host.Services.GetRequiredService<ModelLoader>().LoadAsync(package.Ref, 1, Cancel), Cancel);

        var alert = await _sink.Alert.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await host.StopAsync(Cancel);
        Assert.Equal((0, 0), (slot.Counts.Failed, slot.Counts.Unanswered));
        return alert;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class SignallingSink : IRecordSink
    {
        private readonly TaskCompletionSource<AlertChange> _alert = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<AlertChange> Alert => _alert.Task;

        public List<HourlyProfile> Profiles { get; } = [];

        public void Add(MinuteRow row)
        {
        }

        public void Add(HourlyProfile profile) => Profiles.Add(profile);

        public void Add(DeviceEvent happened, ReadOnlyMemory<byte> photo = default) => _alert.TrySetResult(happened.Alert!);
    }
}
