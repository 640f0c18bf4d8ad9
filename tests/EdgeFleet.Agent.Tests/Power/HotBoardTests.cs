using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Tests.Monitoring;
using EdgeFleet.Agent.Tests.Updates;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Boards;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeFleet.Agent.Tests.Power;

/// <summary>The agent as the program wires it, on a Jetson that gets hot and cools down again.</summary>
public sealed class HotBoardTests : IAsyncLifetime
{
    private const double Watts = 6;
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));

    private readonly TempFolder _folder = new();
    private readonly FakeBoard _board = FakeBoard.Orin(Watts, celsius: 50);
    private readonly RangeServer _server = new();
    private readonly CollectingSink _sink = new();
    private HttpSource _source = null!;
    private IHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private UpdateSupervisor Updates => _host.Services.GetRequiredService<UpdateSupervisor>();

    private PowerNow Now => _host.Services.GetRequiredService<PowerBoard>().Now;

    private IReadOnlyList<HealthWarning> Warnings => _host.Services.GetRequiredService<HealthBoard>().Warnings;

    private ReportedSlot Slot => Updates.Describe().Single();

    public async ValueTask InitializeAsync()
    {
        _server.Serve(V1);
        _server.Serve(V2);
        _source = new HttpSource(_server.Address);
        Directory.CreateDirectory(_folder["photos"]);
        File.WriteAllBytes(_folder["photos", "red.png"], TestImages.Png(250, 10, 10, 40, 30));
        File.WriteAllText(_folder["agent.json"], $$"""
            { "Agent": { "StateFolder": "{{_folder["state"]}}" },
              "Slots": { "leaf": { "Source": { "Kind": "images", "Folder": "{{_folder["photos"]}}", "SamplesPerSecond": 20 } } },
              "Monitoring": { "WindowSeconds": 2 }, "Logging": { "Level": "Warning" },
              "Updates": { "ProbationSeconds": 1, "ProbationSamplesMin": 5, "SpaceReserveMb": 0 },
              "Power": { "Root": "{{_board.Root}}", "SampleHz": 20, "PollSeconds": 0.1, "RaiseSeconds": 0.2, "ClearSeconds": 0.2 } }
            """);
        _host = Build();
        await _host.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
        _source.Dispose();
        await _server.DisposeAsync();
        _board.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_board_that_gets_hot_slows_down_lets_its_update_wait_says_so_and_comes_back()
    {
        Offer(1, V1);
        await UntilAsync(() => Slot is { State: "Committed" } s && s.Active == V1.Ref, "1.0.0 to be committed");
        var slot = _host.Services.GetRequiredService<SlotHost>();
        Assert.Equal(20, slot.SamplesPerSecond);
        Assert.Empty(Warnings);

        _board.Celsius(91);
        await UntilAsync(() => Warnings.Count > 0, "the warning");
        var warning = Assert.Single(Warnings);
        Assert.Equal((PowerEffects.Hot, null), (warning.Code, warning.Slot));
        Assert.Equal("The board is at 91 °C (tj-thermal). Meanwhile samples are read at 0.5 times their rate and updates wait.", warning.Text);
        Assert.Equal(10, slot.SamplesPerSecond);

        Offer(2, V2);
        await UntilAsync(() => Slot.Held is not null, "the update to wait");
        Assert.Equal(("Downloading", V2.Ref, V1.Ref), (Slot.State, Slot.Candidate, Slot.Active));
        Assert.Contains("too hot", Slot.Held, StringComparison.Ordinal);
        Assert.DoesNotContain(_server.Requests, r => r.File == V2.Ref.Digest);
        var report = PowerReport.Of(Now);
        Assert.Equal((91, "tj-thermal", 0.5, "15W"), (report.Celsius, report.Hottest, report.RateFactor, report.Mode));

        _board.Celsius(55);
        await UntilAsync(() => Slot is { State: "Committed", Held: null } s && s.Active == V2.Ref, "2.0.0 to be committed");
        Assert.Empty(Warnings);
        Assert.Equal(20, slot.SamplesPerSecond);
        Assert.DoesNotContain(_sink.Events, e => e.Event.Update?.Failure is not null);
    }

    [Fact]
    public async Task Rows_hold_the_energy_that_the_board_took_also_after_its_sensor_came_back_under_another_number()
    {
        Offer(1, V1);
        await UntilAsync(() => Measured().Count >= 2, "two rows with energy");
        Assert.All(Measured(), r => Assert.Equal(Watts, WattsOf(r), 0.3 * Watts));
        Assert.All(Measured(), r => Assert.True(r.EnergySigmaUj is not null && r.EnergyShare is null));
        Assert.Equal("ina3221 VDD_IN", Now.Sensor?.Name);

        var before = Measured().Count;
        _board.Renumber(watts: 2 * Watts);
        await UntilAsync(() => Measured().Count > before && Math.Abs(WattsOf(Measured()[^1]) - (2 * Watts)) < 0.3 * Watts, "a row with the energy of the renumbered sensor");

        _board.Remove("sys/bus/i2c");
        await UntilAsync(() => Now.Sensor is null, "the sensor to be missed");
        Assert.Equal("This device has no power sensor.", Now.Unavailable);
        var last = _sink.Rows.Count;
        await UntilAsync(() => _sink.Rows.Count > last + 1, "two more rows");
        Assert.Null(_sink.Rows[^1].EnergyUj);
    }

    // Whole windows: what begins or ends within one is cut.
    private List<MinuteRow> Measured() => [.. _sink.Rows.ToList().Where(r => r is { EnergyUj: not null, Seconds: 2 })];

    private static double WattsOf(MinuteRow row) => row.EnergyUj!.Value / 1e6 * row.Answered / row.Seconds;

    private void Offer(long version, TestPackage package) => Updates.Offer(new DesiredDocument
    {
        Device = DeviceId.Parse("board-1"),
        Version = version,
        Slots = [new DesiredSlot { Slot = SlotName.Parse("leaf"), Package = package.Ref, Rollout = version }],
    });

    private static Task UntilAsync(Func<bool> holds, string what) => Eventually.IsAsync(holds, what, TimeSpan.FromSeconds(90), Cancel);

    private IHost Build()
    {
        var configuration = ConfigFile.Load(_folder["agent.json"]);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddConfiguration(configuration);
        builder.Services
            .AddHosting(configuration).AddHealth().AddPower(configuration)
            .AddSingleton<IRecordSink>(_sink).AddSingleton<IPackageSource>(_source)
            .AddMonitoring(configuration).AddAlerts().AddInference(configuration).AddUpdates(configuration)
            .AddSingleton(new RehearsalChild(RehearsalTests.BuiltAgent))
            .AddSources();
        builder.Services.ThrowIfMisconfigured(configuration);
        return builder.Build();
    }
}
