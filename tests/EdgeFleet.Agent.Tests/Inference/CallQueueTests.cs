using EdgeFleet.Agent.Inference;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Inference;

public sealed class CallQueueTests
{
    [Fact]
    public async Task Samples_go_first_and_a_call_has_its_turn_after_some_of_them()
    {
        await using var bench = new SlotBench(queueLength: 100);
        using var model = await bench.LoadAsync(TestPackageSpec.Colours());
        var queue = bench.Host.Queue;
        queue.Calls.LengthMax = 3;
        for (var i = 0; i < 3; i++)
            Assert.True(queue.Offer(new ModelCall(model, 0)));
        Assert.False(queue.Offer(new ModelCall(model, 0)));
        for (var i = 0; i < 10; i++)
            queue.Offer(bench.Image(TestImages.Png(1, 2, 3)));

        var turns = string.Concat(Enumerable.Range(0, 13).Select(_ => Next(queue)));

        Assert.Equal("sssscsssscssc", turns);
        Assert.Equal((10, 10, 1), (queue.Counts.Read, queue.Counts.Answered, queue.Calls.Refused));
    }

    [Fact]
    public async Task Calls_that_wait_are_ended_with_the_queue_and_none_comes_in_after()
    {
        await using var bench = new SlotBench();
        using var model = await bench.LoadAsync(TestPackageSpec.Colours());
        bench.Host.Queue.Calls.LengthMax = 1;
        var call = new ModelCall(model, 0);
        bench.Host.Queue.Offer(call);

        bench.Host.Queue.Close();

        Assert.IsType<CallAnswer.Closed>(await call.Answer);
        Assert.False(bench.Host.Queue.Offer(new ModelCall(model, 0)));
        Assert.Equal(default, bench.Host.Queue.Take());
    }

    [Fact]
    public async Task A_call_made_for_another_model_is_told_so()
    {
        await using var bench = new SlotBench();
        bench.Host.Queue.Calls.LengthMax = 1;
        using var old = await bench.LoadAsync(TestPackageSpec.Colours());
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), TestContext.Current.CancellationToken);
        await bench.StartAsync();
        var call = new ModelCall(old, 0) { Tensor = new float[old.Manifest.Input.Elements] };

        bench.Host.Queue.Offer(call);

        Assert.IsType<CallAnswer.Changed>(await call.Answer.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static char Next(SampleQueue queue)
    {
        var turn = queue.Take();
        if (turn.Sample is null)
            return 'c';

        queue.Finish(turn.Sample, failed: false);
        return 's';
    }
}
