using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Sources;

/// <summary>Reads a source as its worker does, once.</summary>
internal static class SourceReadings
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The next sample; a stall on the way to it fails with its text.</summary>
    public static async Task<Sample> SampleAsync(this ISampleSource source, InputSpec input)
    {
        var sample = new Sample();
        var outcome = await ReadAsync(source, input, sample);
        Assert.True(outcome.Kind == SourceOutcomeKind.Sample, $"{outcome.Kind}: {outcome.Why}");
        return sample;
    }

    /// <summary>The next sample, with stalls on the way to it passed over.</summary>
    public static async Task<Sample> SampleInTheEndAsync(this ISampleSource source, InputSpec input)
    {
        var sample = new Sample();
        while ((await ReadAsync(source, input, sample)).Kind != SourceOutcomeKind.Sample)
        {
        }

        return sample;
    }

    /// <summary>The next sample's encoded image.</summary>
    public static async Task<byte[]> ImageAsync(this ISampleSource source) => (await source.SampleAsync(TestPackageSpec.Colours().Input)).Image.ToArray();

    /// <summary>The next stall; samples before it are passed over.</summary>
    public static async Task<SourceOutcome> StallAsync(this ISampleSource source, InputSpec input)
    {
        SourceOutcome outcome;
        do
            outcome = await ReadAsync(source, input, new Sample());
        while (outcome.Kind != SourceOutcomeKind.Stalled);
        return outcome;
    }

    /// <summary>One reading.</summary>
    public static async Task<SourceOutcome> ReadAsync(ISampleSource source, InputSpec input, Sample into)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        return await source.ReadAsync(input, into, limit.Token);
    }
}
