using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates;

public sealed class SlotModelsTests : IDisposable
{
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));

    private readonly TempFolder _folder = new();
    private readonly ContentStore _store;

    public SlotModelsTests()
    {
        _store = new ContentStore(_folder["packages"]);
        V1.AddTo(_store);
        V2.AddTo(_store);
    }

    [Fact]
    public async Task A_return_needs_no_disk_while_the_model_before_stays_ready()
    {
        var host = new FakeHost();
        using var models = Models(host, TimeSpan.FromSeconds(30));
        await models.PutAsync(V1.Ref, Cancel);
        await models.PutAsync(V2.Ref, Cancel);
        _store.RemoveAllBut(new HashSet<Sha256Digest>());
        await models.ReturnToAsync(V1.Ref, Cancel);
        Assert.Equal(V1.Ref, host.Active!.Package);
        host.Active.Dispose();
    }

    [Fact]
    public async Task A_model_that_hangs_in_a_run_does_not_hold_up_the_return()
    {
        var host = new HangingHost();
        using var models = Models(host, TimeSpan.FromMilliseconds(50));
        await models.PutAsync(V1.Ref, Cancel);
        await models.PutAsync(V2.Ref, Cancel);
        await models.ReturnToAsync(V1.Ref, Cancel);
        Assert.Equal(V1.Ref, host.Active!.Package);
        host.Active.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private SlotModels Models(IModelHost host, TimeSpan swapMax) => new(host, new ModelLoader(_store, BoardFacts.Read()), swapMax, TimeProvider.System);

    /// <summary>Changes the reference at once, and the old model never becomes idle.</summary>
    private sealed class HangingHost : IModelHost
    {
        public SlotName Slot => Some.Slot;

        public string InputKind => "image";

        public int Threads => 1;

        public LoadedModel? Active { get; private set; }

        public SampleCounts Counts { get; } = new();

        public Task<LoadedModel?> SwapAsync(LoadedModel? next, CancellationToken cancel)
        {
            (var old, Active) = (Active, next);
            return old is null ? Task.FromResult<LoadedModel?>(null) : new TaskCompletionSource<LoadedModel?>().Task;
        }

        public void Tune(SlotSettings? settings)
        {
        }
    }
}
