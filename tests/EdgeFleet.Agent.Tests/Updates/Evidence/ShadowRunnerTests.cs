using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates.Evidence;

public sealed class ShadowRunnerTests
{
    private static readonly byte[][] Colours = [TestImages.Png(255, 0, 0), TestImages.Png(0, 255, 0), TestImages.Png(0, 0, 255)];
    private static readonly ShadowPlan Everything = new(Share: 1, Samples: 12, TimeSpan.FromMinutes(5), BusyShareMax: 1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_candidate_answers_live_samples_beside_the_active_and_its_answers_count_for_nothing()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { Bias = [0, 0, 1000] });

        var evidence = await scene.ShadowAsync(Everything);

        Assert.Equal((EvidenceStage.Shadow, "colours@1.0.0", 12), (evidence.Stage, evidence.Against, evidence.Samples));
        Assert.Equal(4.0 / 12, evidence.Agreement!.Share, 6);
        Assert.Equal([0, 0, 12], evidence.Candidate.Outputs);
        Assert.Equal([4, 4, 4], evidence.Other.Outputs);
        Assert.Equal((12, 12), (evidence.Candidate.RunUs.Count, evidence.Other.RunUs.Count));
        Assert.All(scene.Bench.Results.All, r => Assert.Equal("colours@1.0.0", r.Model));
        Assert.All(scene.Bench.Results.All, r => Assert.Equal((int)(r.Number - 1) % 3, r.Label));
    }

    [Fact]
    public async Task It_is_shown_its_share_and_no_more()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours());

        var evidence = await scene.ShadowAsync(Everything with { Share = 0.25, Samples = 6 });

        Assert.Equal((6, 1.0), (evidence.Samples, evidence.Agreement!.Share));
        Assert.True(scene.Bench.Results.All.Count >= 24);
    }

    [Fact]
    public async Task A_candidate_that_takes_too_much_time_is_passed_over_and_that_is_counted()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { Rounds = 20_000 });

        var evidence = await scene.ShadowAsync(Everything with { Samples = 3, BusyShareMax = 0.05 });

        Assert.Equal(3, evidence.Samples);
        Assert.True(evidence.Skipped > 0);
    }

    [Fact]
    public async Task A_candidate_that_answers_with_no_numbers_fails_and_the_active_goes_on()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { NotANumber = true });

        var evidence = await scene.ShadowAsync(Everything);

        Assert.Equal((0, 12, 0.0), (evidence.Candidate.Answered, evidence.Candidate.Failed, evidence.Agreement!.Share));
        Assert.All(scene.Bench.Results.All, r => Assert.Null(r.Error));
    }

    [Fact]
    public async Task Cancelled_it_lets_go_of_the_candidate_at_once()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours());
        using var cancel = new CancellationTokenSource();
        var running = scene.ShadowAsync(Everything with { Samples = long.MaxValue }, cancel.Token);
        await scene.Bench.Results.WhenAsync(scene.Bench.Results.All.Count + 5);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        scene.Candidate.Dispose();
        await scene.Bench.Results.WhenAsync(scene.Bench.Results.All.Count + 5);
    }

    /// <summary>A running slot that is fed, with a candidate beside it.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly ShadowRunner _runner;
        private Task _feeding = Task.CompletedTask;

        private Scene(SlotBench bench, ShadowRunner runner) => (Bench, _runner) = (bench, runner);

        public SlotBench Bench { get; }

        public LoadedModel Candidate { get; private set; } = null!;

        public static async Task<Scene> OpenAsync(TinyModel candidate)
        {
            var runner = new ShadowRunner(new InferenceOptions(), TimeProvider.System);
            var scene = new Scene(new SlotBench(queueLength: 8, observers: runner), runner);
            await scene.Bench.Host.SwapAsync(await scene.Bench.LoadAsync(TestPackageSpec.Colours("1.0.0")), Cancel);
            scene.Candidate = await scene.Bench.LoadAsync(TestPackageSpec.Colours("2.0.0", candidate));
            await scene.Bench.StartAsync();
            return scene;
        }

        public Task<CandidateEvidence> ShadowAsync(ShadowPlan plan, CancellationToken? cancel = null)
        {
            var running = _runner.RunAsync(Bench.Host, Bench.Host.Active!, Candidate, plan, cancel ?? Cancel);
            _feeding = Task.Run(FeedAsync, Cancel);
            return running;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _feeding;
            await Bench.DisposeAsync();
            Candidate.Dispose();
        }

        private async Task FeedAsync()
        {
            for (var i = 0; !_stop.IsCancellationRequested; await Task.Yield())
            {
                if (Bench.Host.Counts.Waiting < 4)
                    Bench.Host.Queue.Offer(Bench.Image(Colours[i++ % 3]));
            }
        }
    }
}
