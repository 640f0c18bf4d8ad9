using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Tests.Sources.Commands;
using EdgeFleet.Shared.Files;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeFleet.Agent.Tests.Hosting;

[Collection("Hosts share one static logger")]
public sealed class ManySlotsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_slots_on_a_folder_a_file_and_a_camera_program_run_side_by_side()
    {
        using var folder = new TempFolder();
        var results = new SlotAnswers();
        using var host = Build(folder, results);
        await host.StartAsync(Cancel);
        var slots = host.Services.GetServices<SlotHost>().ToDictionary(h => h.Slot.Value);
        foreach (var (name, spec) in new[] { ("leaf", TestPackageSpec.Colours()), ("pump", TestPackageSpec.Series(length: 4)), ("gate", TestPackageSpec.Colours()) })
            await ActivateAsync(host, slots[name], spec);

        await results.Enough.WaitAsync(TimeSpan.FromSeconds(60), Cancel);
        await host.StopAsync(Cancel);

        Assert.All(slots.Values, s => Assert.Equal((0, 0, 0), (s.Counts.Unanswered, s.Counts.Waiting, s.Counts.Failed)));
        // Each slot saw its own source: the photo is green, the camera shows red.
        Assert.Equal((int[])[1], results.Labels("leaf"));
        Assert.Equal((int[])[0], results.Labels("gate"));
        Assert.Empty(host.Services.GetRequiredService<HealthBoard>().Warnings);
    }

    private static IHost Build(TempFolder folder, SlotAnswers results)
    {
        Directory.CreateDirectory(folder["photos"]);
        File.WriteAllBytes(folder["photos", "a.jpg"], TestImages.Jpeg(10, 250, 10, 40, 30));
        File.WriteAllLines(folder["pump.csv"], Enumerable.Range(0, 40).Select(i => $"{i % 2},0.1").Prepend("x,y"));
        File.WriteAllText(folder["agent.json"], $$"""
            { "Agent": { "StateFolder": "{{folder["state"]}}" },
              "Slots": {
                "leaf": { "Source": { "Kind": "images", "Folder": "{{folder["photos"]}}", "SamplesPerSecond": 20 } },
                "pump": { "Source": { "Kind": "csv", "File": "{{folder["pump.csv"]}}", "SamplesPerSecond": 20 } },
                "gate": { "Source": { "Kind": "command", "Program": "ffmpeg", "SamplesPerSecond": 20,
                  "Arguments": ["-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "color=c=red:size=64x48:rate=25", "-f", "mjpeg", "pipe:1"] } } },
              "Logging": { "Level": "Warning" } }
            """);
        var configuration = ConfigFile.Load(folder["agent.json"]);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton(CommandBench.Agent).AddSingleton<ISampleObserver>(results);
        builder.Services.AddHosting(configuration).AddHealth().AddInference(configuration).AddSources();
        builder.Services.ThrowIfMisconfigured(configuration);
        return builder.Build();
    }

    private static async Task ActivateAsync(IHost host, SlotHost slot, TestPackageSpec spec)
    {
        var package = TestPackage.Build(spec);
        package.AddTo(host.Services.GetRequiredService<ContentStore>());
        await slot.SwapAsync(await host.Services.GetRequiredService<ModelLoader>().LoadAsync(package.Ref, slot.Threads, Cancel), Cancel);
    }

    private sealed class SlotAnswers : ISampleObserver
    {
        private const int Each = 5;
        private readonly Dictionary<string, List<int>> _labels = [];
        private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Enough => _enough.Task;

        public IEnumerable<int> Labels(string slot) => _labels[slot].Distinct();

        public void Observe(in SampleResult result)
        {
            lock (_labels)
            {
                if (!_labels.TryGetValue(result.Slot.Value, out var labels))
                    _labels[result.Slot.Value] = labels = [];
                labels.Add(result.Label);
                if (_labels.Count == 3 && _labels.Values.All(l => l.Count >= Each))
                    _enough.TrySetResult();
            }
        }
    }
}
