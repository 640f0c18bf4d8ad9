using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
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

    [Fact]
    public async Task A_strained_board_pauses_it_says_why_and_counts_what_it_passed_over()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours());
        scene.Hold.Strain = "too hot";
        var running = scene.ShadowAsync(Everything);
        await scene.Bench.Results.WhenAsync(20);
        Assert.False(running.IsCompleted);
        Assert.Contains("too hot", scene.Held[0]!, StringComparison.Ordinal);

        scene.Hold.Strain = null;
        var evidence = await running;

        Assert.Equal(12, evidence.Samples);
        Assert.True(evidence.Paused >= 10);
        Assert.Contains("while the board was strained", evidence.Summary, StringComparison.Ordinal);
        Assert.Null(scene.Held[^1]);
    }

    [Fact]
    public async Task Its_energy_is_bounded_counted_and_said()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { Rounds = 2000 }, watts: 1e6);

        var seen = await scene.SeeAsync(Everything with { Samples = long.MaxValue, EnergyJMax = 100 });

        Assert.True(seen.Evidence.SpentMj >= 100_000);
        Assert.InRange(seen.Evidence.Samples, 1, long.MaxValue - 1);
        Assert.Contains("100 J", seen.Cut!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_few_samples_on_which_they_disagree_are_kept_two_of_a_kind()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { Bias = [0, 0, 1000] });

        var seen = await scene.SeeAsync(Everything with { Samples = 60, Examples = 5 });

        Assert.Equal(4, seen.Disagreements.Count);
        Assert.Equal([("green", 2), ("red", 2)], seen.Disagreements.CountBy(d => d.Seen.Answer).Select(c => (c.Key, c.Value)).OrderBy(c => c.Key, StringComparer.Ordinal));
        Assert.All(seen.Disagreements, d =>
        {
            Assert.Equal(("colours@1.0.0", "colours@2.0.0", "blue"), (d.Seen.Model, d.Seen.Candidate, d.Seen.CandidateAnswer));
            Assert.InRange(d.Photo.Length, 1, EdgeFleet.Agent.Alerts.AlertPhoto.BytesMax);
            Assert.Equal(EdgeFleet.Shared.Identity.Sha256Digest.Of(d.Photo.Span), d.Seen.Photo);
        });
    }

    [Fact]
    public async Task A_candidate_outside_the_limits_of_its_wish_is_refused_and_the_active_goes_on()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { Bias = [0, 0, 1000] });
        var order = new ShadowOrder { Share = 1, Limits = new ShadowLimits { AgreementMin = 0.9, SamplesMin = 30 } };

        var failed = Assert.IsType<StepFailed>(await scene.StepAsync(order, new UpdateOptions { ShadowSamples = 30, ShadowBusyShareMax = 1 }));

        Assert.Equal(FailureKind.Statistical, failed.Failure);
        Assert.Contains("it agrees with colours@1.0.0 on 33.3 % of 30 live samples", failed.Reason, StringComparison.Ordinal);
        Assert.Contains("at least 90 % is asked", failed.Reason, StringComparison.Ordinal);
        Assert.Equal((30, 4), (failed.Evidence!.Samples, failed.Disagreements.Count));
        Assert.All(scene.Bench.Results.All, r => Assert.Equal("colours@1.0.0", r.Model));
    }

    [Fact]
    public async Task The_manifests_limits_act_where_the_wish_has_none_and_a_good_candidate_keeps_them()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours() with { Gain = 21 }, limits: new ShadowLimits { AgreementMin = 0.8, SamplesMin = 20 });

        var shadowed = Assert.IsType<Shadowed>(await scene.StepAsync(new ShadowOrder { Share = 1 }, new UpdateOptions { ShadowSamples = 12, ShadowBusyShareMax = 1 }));

        Assert.Equal(20, shadowed.Evidence!.Samples);
        Assert.Contains("within agreement at least 80 %", shadowed.Result, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_order_and_a_setting_there_is_no_shadow_and_nonsense_is_refused()
    {
        await using var scene = await Scene.OpenAsync(TinyModel.OfColours());
        Assert.Equal("skipped", Assert.IsType<Shadowed>(await scene.StepAsync(null, new UpdateOptions())).Result);
        var failed = Assert.IsType<StepFailed>(await scene.StepAsync(new ShadowOrder { Share = 3 }, new UpdateOptions()));
        Assert.Contains("the share of samples in shadow is 3", failed.Reason, StringComparison.Ordinal);
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

        public required UpdateHold Hold { get; init; }

        /// <summary>Why it paused, and that it went on, in order.</summary>
        public List<string?> Held { get; } = [];

        public static async Task<Scene> OpenAsync(TinyModel candidate, double? watts = null, ShadowLimits? limits = null)
        {
            var hold = new UpdateHold();
            var runner = new ShadowRunner(new ShadowSurroundings(TimeProvider.System) { Hold = hold, Watts = () => watts });
            var scene = new Scene(new SlotBench(queueLength: 8, observers: runner), runner) { Hold = hold };
            await scene.Bench.Host.SwapAsync(await scene.Bench.LoadAsync(TestPackageSpec.Colours("1.0.0")), Cancel);
            scene.Candidate = await scene.Bench.LoadAsync(TestPackageSpec.Colours("2.0.0", candidate) with { Shadow = limits });
            await scene.Bench.StartAsync();
            return scene;
        }

        public async Task<CandidateEvidence> ShadowAsync(ShadowPlan plan, CancellationToken? cancel = null) => (await SeeAsync(plan, cancel)).Evidence;

        public Task<ShadowSeen> SeeAsync(ShadowPlan plan, CancellationToken? cancel = null)
        {
            var running = _runner.RunAsync(Bench.Host, Bench.Host.Active!, Candidate, plan, Held.Add, cancel ?? Cancel);
            Feed();
            return running;
        }

        /// <summary>Lets a worker's step do it, as an update does.</summary>
        public Task<UpdateEvent> StepAsync(ShadowOrder? order, UpdateOptions options)
        {
            var shelf = new PackageShelf(Bench.Store);
            var downloader = new PackageDownloader(shelf, null!, BoardFacts.Read(), Microsoft.Extensions.Options.Options.Create(options), TimeProvider.System);
            var tools = new CandidateTools(new PackageLane(shelf), downloader, null!, null!, shelf) { Shadow = new ShadowTools(Bench.LoaderFor(null), _runner) };
            var steps = new CandidateSteps(tools, BoardFacts.Read(), options, TimeProvider.System, new Random(1));
            var running = steps.PerformAsync(new Shadowing(new Wish(Candidate.Package, 1, 7) { Shadow = order }), Bench.Host, new StepSigns(_ => { }, Held.Add), Cancel);
            Feed();
            return running;
        }

        private void Feed() => _feeding = Task.Run(FeedAsync, Cancel);

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
