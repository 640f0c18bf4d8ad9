using System.Net;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>The capability as the program composes it, with a real rehearsal.</summary>
public sealed class UpdateSupervisorTests : IAsyncLifetime
{
    private static readonly DeviceId Device = DeviceId.Parse("board-1");
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));

    private readonly TempFolder _folder = new();
    private readonly RangeServer _server = new();
    private readonly FakeHost _host = new();
    private readonly HttpSource _source;
    private ServiceProvider _services = null!;

    public UpdateSupervisorTests() => _source = new HttpSource(_server.Address);

    private UpdateSupervisor Supervisor => _services.GetRequiredService<UpdateSupervisor>();

    private HealthBoard Health => _services.GetRequiredService<HealthBoard>();

    public ValueTask InitializeAsync()
    {
        _server.Serve(V1);
        _server.Serve(V2);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Updates:ProbationSeconds"] = "120", ["Updates:SpaceReserveMb"] = "0",
        }).Build();
        var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<HealthBoard>()
            .AddSingleton(Options.Create(new AgentOptions { StateFolder = _folder.Path }))
            .AddSingleton(new ContentStore(_folder["packages"]))
            .AddSingleton(BoardFacts.Read())
            .AddSingleton(sp => new ModelLoader(sp.GetRequiredService<ContentStore>(), sp.GetRequiredService<BoardFacts>()))
            .AddSingleton<IModelHost>(_host)
            .AddSingleton<IRecordSink>(new CollectedRecords())
            .AddSingleton<IPackageSource>(_source)
            .AddUpdates(configuration)
            .AddSingleton(new RehearsalChild(RehearsalTests.BuiltAgent));
        services.ThrowIfMisconfigured(configuration);
        _services = services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _host.Active?.Dispose();
        await _services.DisposeAsync();
        _source.Dispose();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_desired_document_brings_a_model_in_and_a_stop_in_order_is_noted()
    {
        await Supervisor.StartAsync(Cancel);
        Supervisor.Offer(Desired(1, "leaf", V1));
        await CommittedAsync(V1);
        await Supervisor.StopAsync(Cancel);
        Assert.Contains("\"stopped\": true", File.ReadAllText(_folder["updates", ".process.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Older_and_equal_documents_change_nothing()
    {
        await Supervisor.StartAsync(Cancel);
        Supervisor.Offer(Desired(5, "leaf", V1));
        Supervisor.Offer(Desired(5, "leaf", V2));
        Supervisor.Offer(Desired(4, "leaf", V2));
        Assert.Equal(5, Supervisor.DesiredVersion);
        await CommittedAsync(V1);
        Assert.DoesNotContain(_server.Requests, r => r.File == V2.Ref.Digest);
        await Supervisor.StopAsync(Cancel);
    }

    [Fact]
    public void A_slot_that_the_board_does_not_have_is_said()
    {
        Supervisor.Offer(Desired(1, "roof", V1));
        Assert.Equal(("slot-unknown", SlotName.Parse("roof")), (Assert.Single(Health.Warnings).Code, Health.Warnings[0].Slot));
    }

    [Theory]
    [InlineData("leaf", 1)]
    [InlineData("roof", 0)]
    public async Task A_process_that_gave_itself_up_for_a_hang_is_charged_to_the_slot_that_hung(string hung, int starts)
    {
        var store = _services.GetRequiredService<UpdateStore>();
        store.SaveProcess((await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", Cancel)).Trim(), stopped: false);
        store.SaveHang(new HungRun { Slot = SlotName.Parse(hung), Model = V1.Ref.Label, Seconds = 60 });

        await Supervisor.StartAsync(Cancel);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (File.ReadAllText(_folder["updates", ".process.json"]).Contains("hung", StringComparison.Ordinal))
            await look.WaitForNextTickAsync(limit.Token);

        Assert.Equal(starts, store.Load(Some.Slot).Starts);
        await Supervisor.StopAsync(Cancel);
    }

    [Fact]
    public void Settings_reach_the_slot()
    {
        var document = Desired(1, "leaf", V1);
        var settings = new SlotSettings { SamplesPerSecond = 3 };
        Supervisor.Offer(document with { Slots = [document.Slots[0] with { Settings = settings }] });
        Assert.Same(settings, _host.Settings);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static DesiredDocument Desired(long version, string slot, TestPackage package) => new()
    {
        Device = Device, Version = version, Slots = [new DesiredSlot { Slot = SlotName.Parse(slot), Package = package.Ref, Rollout = 1 }],
    };

    private async Task CommittedAsync(TestPackage package)
    {
        var rows = _services.GetRequiredService<IMinuteObserver>();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var minute = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (Supervisor.Describe()[0] is not { State: "Committed" } slot || slot.Active != package.Ref)
        {
            if (_host.Active is { } model)
                rows.Observe(Some.Row(model.Package.Label));
            await minute.WaitForNextTickAsync(limit.Token);
        }
    }
}
