using EdgeFleet.SimulatedBoards;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>
/// The generated matrix in process: a whole agent's updates with two slots and cameras on a disk that forgets what was not synced. Every case must end on a verified
/// model that answers, also after one more start, with no sample unanswered and at most the open minute row gone.
/// </summary>
public sealed class KillMatrixTests
{
    private const int AtOnce = 20; // Cases wait more than they work.

    [Fact]
    public async Task Every_crash_point_of_an_update_ends_on_a_verified_model()
    {
        var all = await KillMatrix.KillsAsync(Story.All);
        Assert.True(all.Count >= 300, $"Only {all.Count} cases were generated.");
        Assert.Equal(12, all.Select(c => c.State).Where(s => s != "Start").Distinct().Count());
        // Each point once: by turns a death of the process and a power cut. The benchmark does both.
        await EndWellAsync([.. all.Where((_, i) => i % 4 is 0 or 3)]);
    }

    [Fact]
    public async Task Kills_in_every_later_start_end_on_a_verified_model() => await EndWellAsync([.. FaultMatrix.LaterStarts().Where((_, i) => i % 3 == 0)]);

    [Fact]
    public async Task Errors_in_every_state_end_on_a_verified_model_and_lose_no_sample() => await EndWellAsync([.. FaultMatrix.Errors()]);

    [Fact]
    public async Task Hangs_end_on_a_verified_model() => await EndWellAsync([.. FaultMatrix.Hangs()]);

    private static async Task EndWellAsync(IReadOnlyList<MatrixCase> cases)
    {
        var results = await KillMatrix.RunAsync(cases, AtOnce, TestContext.Current.CancellationToken);
        Assert.Empty(results.Where(r => r.Wrong.Count > 0).Select(r => $"{r.Case}: {string.Join(' ', r.Wrong)}"));
        Assert.InRange(results.Count(r => !r.Met), 0, results.Count / 20);
    }
}
