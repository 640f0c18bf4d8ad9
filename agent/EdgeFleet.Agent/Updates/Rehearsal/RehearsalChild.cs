using System.Globalization;
using System.Text.Json;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Processes;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>What to rehearse.</summary>
internal sealed record RehearsalOrder(string Packages, PackageRef Package, Variant Variant, int MemoryMb, int SlackMb, int Seconds, int Threads)
{
    /// <summary>Folders of TensorRT engines by the SHA-256 of their models.</summary>
    public IReadOnlyDictionary<string, string> Engines { get; init; } = new Dictionary<string, string>();
}

/// <summary>Starts the rehearsing process and waits for its verdict, its death or its deadline.</summary>
internal sealed class RehearsalChild(AgentProgram program)
{
    private const double ShareOfItsOwn = 0.8;

    /// <summary>Library and session options by which the agent runs models: what is rehearsed must be what will serve.</summary>
    public RuntimeUse Runtime { get; init; } = new();

    /// <summary>Rehearses.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
    public async Task<RehearsalReport> RunAsync(RehearsalOrder order, CancellationToken cancel)
    {
        var (end, why) = await ChildRun.RunAsync(program.Call(Arguments(order)), TimeSpan.FromSeconds(order.Seconds), cancel);
        return end is null ? RehearsalPolicy.NotStarted(why) : RehearsalPolicy.Judge(end, order.Seconds, order.MemoryMb);
    }

    /// <summary>Lets the candidate and the model that serves answer the candidate's golden set in turns. Nothing that happens to it speaks against the candidate.</summary>
    /// <param name="order">The candidate, with memory for both.</param>
    /// <param name="against">The model that serves.</param>
    /// <param name="variant">Its variant.</param>
    /// <param name="cancel">Ends it; the process is gone then.</param>
    /// <returns>Null when it did not come about.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the process is gone.</exception>
    public async Task<CandidateEvidence?> CompareAsync(RehearsalOrder order, PackageRef against, string variant, CancellationToken cancel)
    {
        var (end, _) = await ChildRun.RunAsync(
            program.Call([.. Arguments(order), "--against", against.Digest.Value, "--against-variant", variant]), TimeSpan.FromSeconds(order.Seconds), cancel);
        return end is { ExitCode: 0, TimedOut: false } ? RehearsalPolicy.ReadEvidence(end.Output) : null;
    }

    private string[] Arguments(RehearsalOrder order)
    {
        static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
        return
        [
            "rehearse", "--packages", order.Packages, "--manifest", order.Package.Digest.Value, "--variant", order.Variant.Name,
            "--memory-mb", Text(order.MemoryMb), "--slack-mb", Text(order.SlackMb), "--threads", Text(order.Threads),
            "--seconds", Text(Math.Max(1, Math.Floor(order.Seconds * ShareOfItsOwn))), "--parent", Text(Environment.ProcessId),
            "--runtime", JsonSerializer.Serialize(Runtime with { Engines = order.Engines }, RuntimeJson.Default.RuntimeUse),
        ];
    }
}
