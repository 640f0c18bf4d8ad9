using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Tests.Monitoring;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeFleet.Agent.Tests.Hosting;

/// <summary>From a folder and a CSV file to rows, profiles and alerts, wired as the program wires it.</summary>
[Collection("Hosts share one static logger")]
public sealed class PipelineTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_slots_read_answer_and_report_and_nothing_accepted_goes_unanswered()
    {
        using var folder = new TempFolder();
        Prepare(folder);
        var sink = new CollectingSink();
        using var host = Build(folder, sink);
        await host.StartAsync(Cancel);
        var hosts = host.Services.GetServices<IModelHost>().ToDictionary(h => h.Slot.Value);
        var red = new AlertRule { Id = "red-seen", Label = "red", Seen = 2, Of = 4 };
        await ActivateAsync(host, hosts["leaf"], TestPackageSpec.Colours() with { Alerts = [red] });
        await ActivateAsync(host, hosts["pump"], TestPackageSpec.Series(length: 4));

        await Eventually.IsAsync(
            () => hosts.Values.All(h => h.Counts.Answered >= 8) && sink.Events.Count > 0, "eight answers a slot and an alert", TimeSpan.FromSeconds(60), Cancel);
        await host.StopAsync(Cancel);

        Assert.All(hosts.Values, h => Assert.Equal((0, 0), (h.Counts.Unanswered, h.Counts.Waiting)));
        Assert.True(hosts["leaf"].Counts.Failed > 0, "the damaged photo was counted");
        Assert.Equal(0, hosts["pump"].Counts.Failed);
        foreach (var (slot, counts) in hosts.Select(h => (h.Key, h.Value.Counts)))
        {
            // Every answer stands in exactly one row and in exactly one profile.
            Assert.Equal(counts.Answered, sink.Rows.Where(r => r.Slot.Value == slot).Sum(r => r.Answered + r.Failed));
            Assert.Equal(counts.Answered, sink.Profiles.Where(p => p.Slot.Value == slot).Sum(p => p.Answered + p.Failed));
        }

        Assert.NotEmpty(sink.Events[0].Photo);
        Assert.NotEmpty(Directory.EnumerateFiles(folder["state", "logs"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Optimized_graphs_are_kept_where_the_configuration_asks_for_it(bool isAsked)
    {
        using var folder = new TempFolder();
        Prepare(folder);
        Directory.CreateDirectory(folder["config.d"]);
        await File.WriteAllTextAsync(folder["config.d", "graphs.json"], isAsked ? """{ "Inference": { "KeepOptimizedGraphs": true } }""" : "{}", Cancel);
        using var host = Build(folder, new CollectingSink());
        var package = TestPackage.Build(TestPackageSpec.Colours());
        package.AddTo(host.Services.GetRequiredService<ContentStore>());

        using var model = await host.Services.GetRequiredService<ModelLoader>().LoadAsync(package.Ref, 1, Cancel);

        Assert.Equal(isAsked, Directory.Exists(folder["state", "compiled"]) && Directory.GetFiles(folder["state", "compiled"], "graph.onnx", SearchOption.AllDirectories).Length == 1);
    }

    private static void Prepare(TempFolder folder)
    {
        Directory.CreateDirectory(folder["photos"]);
        File.WriteAllBytes(folder["photos", "a.jpg"], TestImages.Jpeg(250, 10, 10, 40, 30));
        File.WriteAllBytes(folder["photos", "b.png"], TestImages.Png(250, 10, 10, 40, 30));
        File.WriteAllBytes(folder["photos", "c.jpg"], TestImages.Jpeg(250, 10, 10, 40, 30)[..200]);
        File.WriteAllLines(folder["pump.csv"], Enumerable.Range(0, 40).Select(i => $"{i % 2},0.1").Prepend("x,y"));
        File.WriteAllText(folder["agent.json"], $$"""
            { "Agent": { "StateFolder": "{{folder["state"]}}" },
              "Slots": {
                "leaf": { "Source": { "Kind": "images", "Folder": "{{folder["photos"]}}", "SamplesPerSecond": 50 } },
                "pump": { "Source": { "Kind": "csv", "File": "{{folder["pump.csv"]}}", "Stride": 2, "SamplesPerSecond": 50 } } },
              "Monitoring": { "WindowSeconds": 1, "ProfileSeconds": 2 }, "Logging": { "Level": "Warning" } }
            """);
    }

    private static IHost Build(TempFolder folder, CollectingSink sink)
    {
        var configuration = ConfigFile.Load(folder["agent.json"]);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(configuration);
        builder.Services
            .AddHosting(configuration).AddHealth().AddSingleton<IRecordSink>(sink).AddMonitoring(configuration).AddAlerts().AddInference(configuration).AddSources();
        builder.Services.ThrowIfMisconfigured(configuration);
        return builder.Build();
    }

    private static async Task ActivateAsync(IHost host, IModelHost slot, TestPackageSpec spec)
    {
        var package = TestPackage.Build(spec);
        package.AddTo(host.Services.GetRequiredService<ContentStore>());
        await slot.SwapAsync(await host.Services.GetRequiredService<ModelLoader>().LoadAsync(package.Ref, slot.Threads, Cancel), Cancel);
    }
}
