using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Health;

public sealed class FailureRunObserverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_failures_in_a_row_warn_with_cause_and_remedy_and_the_first_answer_clears()
    {
        var board = new HealthBoard(TimeProvider.System);
        var hosts = new List<EdgeFleet.Agent.Inference.IModelHost>();
        await using var bench = new SlotBench(queueLength: 100, observers: new LateObserver(() => new FailureRunObserver(board, hosts, NullLogger<FailureRunObserver>.Instance)));
        hosts.Add(bench.Host);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();

        for (var i = 0; i < FailureRunObserver.FailuresInARow; i++)
            bench.Host.Queue.Offer(bench.Image("broken"u8.ToArray(), "leaf-7.jpg"));
        await bench.Results.WhenAsync(FailureRunObserver.FailuresInARow);
        await WhenAsync(() => board.Warnings.Count == 1);
        Assert.Equal(SlotWarnings.SamplesFailing, board.Warnings[0].Code);
        Assert.Contains("leaf-7.jpg: It is neither a JPEG nor a PNG.", board.Warnings[0].Text, StringComparison.Ordinal);
        Assert.Contains("camera", board.Warnings[0].Remedy, StringComparison.Ordinal);

        bench.Host.Queue.Offer(bench.Image(TestImages.Png(255, 0, 0)));
        await WhenAsync(() => board.Warnings.Count == 0);
    }

    private static async Task WhenAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>The observer is made with the hosts, which are made with the bench.</summary>
    private sealed class LateObserver(Func<FailureRunObserver> make) : EdgeFleet.Agent.Inference.ISampleObserver
    {
        private FailureRunObserver? _observer;

        public void Observe(in EdgeFleet.Agent.Inference.SampleResult result) => (_observer ??= make()).Observe(in result);
    }
}
