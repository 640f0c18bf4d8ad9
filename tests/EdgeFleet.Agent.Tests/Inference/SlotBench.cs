using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Inference;

/// <summary>A running slot with real models in a real store, and what came out of it.</summary>
internal sealed class SlotBench : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SlotRunner _runner;
    private readonly ContentStore _store;
    private readonly InferenceOptions _options;
    private readonly TimeProvider _time;
    private long _number;

    public SlotBench(int queueLength = 8, TimeProvider? time = null, InferenceOptions? options = null, SkipOptions? skip = null, BatchOptions? batch = null, params ISampleObserver[] observers)
    {
        _time = time ?? TimeProvider.System;
        _options = options ?? new InferenceOptions();
        _store = new ContentStore(_folder["packages"]);
        Host = new SlotHost(new SlotOptions { Name = SlotName.Parse("leaf"), Source = new SourceOptions { Kind = SourceOptions.Images }, QueueLength = queueLength, Batch = batch ?? new BatchOptions(), SkipUnchanged = skip });
        _runner = new SlotRunner(Host, [Results, .. observers], _options, _time, NullLogger<SlotRunner>.Instance);
    }

    public SlotHost Host { get; }

    public CollectedResults Results { get; } = new();

    public Task StartAsync() => _runner.StartAsync(CancellationToken.None);

    public async Task<LoadedModel> LoadAsync(TestPackageSpec spec, BoardFacts? board = null)
    {
        var package = TestPackage.Build(spec);
        package.AddTo(_store);
        return await LoaderFor(board).LoadAsync(package.Ref, Host.Use, TestContext.Current.CancellationToken);
    }

    public ModelLoader LoaderFor(BoardFacts? board) => new(_store, board ?? BoardFacts.Read(), _options, _time);

    public ContentStore Store => _store;

    public Sample Image(byte[] encoded, string origin = "test.jpg")
    {
        var sample = Host.Samples.Rent();
        sample.FillImage(encoded, origin);
        sample.Stamp(++_number, _time.GetTimestamp());
        return sample;
    }

    public Task StopAsync() => _runner.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }
}

/// <summary>Fills samples as sources do.</summary>
internal static class SampleFilling
{
    public static void FillImage(this Sample sample, byte[] encoded, string origin)
    {
        encoded.CopyTo(sample.RoomForImage(encoded.Length));
        sample.GiveImage(encoded.Length, SampleOrigin.Named(origin));
    }

    public static Sample Window(params float[] readings)
    {
        var sample = new Sample();
        readings.CopyTo(sample.RoomForWindow(readings.Length));
        sample.GiveWindow(readings.Length, SampleOrigin.Named("rows"));
        sample.Stamp(1, 0);
        return sample;
    }
}

/// <summary>One result, copied out of the ref struct.</summary>
internal sealed record Collected(long Number, string Origin, string Model, int Label, float Confidence, string? Error, bool IsInputFault, double[] Features);

/// <summary>Keeps every result and lets a test wait for a count of them.</summary>
internal sealed class CollectedResults : ISampleObserver
{
    private readonly List<Collected> _all = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiters = [];

    public IReadOnlyList<Collected> All
    {
        get
        {
            lock (_all)
                return [.. _all];
        }
    }

    public void Observe(in SampleResult result)
    {
        lock (_all)
        {
            _all.Add(new Collected(
                result.Sample.Number, result.Sample.Origin, result.Model.Package.Label, result.Label, result.Confidence, result.Error, result.IsInputFault, result.Features.ToArray()));
            foreach (var waiter in _waiters.Where(w => w.Count <= _all.Count))
                waiter.Reached.TrySetResult();
        }
    }

    public Task WhenAsync(int count)
    {
        lock (_all)
        {
            if (_all.Count >= count)
                return Task.CompletedTask;

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((count, reached));
            return reached.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
    }
}
