using System.Runtime.InteropServices;
using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// Opens models for the CPU from the graph that ONNX Runtime optimized the time before, and keeps that graph where there is none. Whatever goes wrong with it, the
/// model itself is opened, and a warning says so.
/// </summary>
/// <param name="store">Where graphs are kept.</param>
/// <param name="health">Where it says that none can be.</param>
/// <param name="time">Clock of the trial run.</param>
internal sealed class GraphCache(CompiledStore store, HealthBoard health, TimeProvider time)
{
    /// <summary>Code of the warning.</summary>
    public const string Warning = "graph-not-kept";

    private const string FileName = "graph.onnx";

    /// <summary>CPU features of the board: ONNX Runtime lays graphs out for them.</summary>
    public IReadOnlyCollection<string> CpuFeatures { get; init; } = [];

    /// <summary>The board's own ONNX Runtime library; empty for the one that ships.</summary>
    public string Library { get; init; } = "";

    /// <summary>Deadline of the trial run.</summary>
    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Opens a model.</summary>
    /// <param name="path">Its file, which has been hashed just before.</param>
    /// <param name="digest">SHA-256 of the file.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="settings">How it is run.</param>
    /// <param name="batch">Samples of a run at most.</param>
    /// <param name="cancel">Ends the hashing.</param>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the model, or it does not fit its manifest.</exception>
    public async Task<ModelSession> OpenAsync(string path, Sha256Digest digest, Manifest manifest, SessionSettings settings, int batch, CancellationToken cancel)
    {
        ModelSession Load(string file, SessionSettings how) => ModelSession.Load(file, manifest.Input, manifest.Output, how, batch);
        var facts = FactsOf(digest, settings);
        try
        {
            if (await store.FindAsync(facts, cancel) is { } folder)
            {
                try
                {
                    return Load(Path.Combine(folder, FileName), settings with { IsOptimized = true });
                }
                catch (ModelLoadException)
                {
                    store.Discard(facts);
                }
            }

            using var room = store.RoomFor(facts);
            return await MakeAsync(room, path, settings, Load, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(e.Message);
            return Load(path, settings);
        }
    }

    /// <summary>What an optimized graph depends on.</summary>
    public CompiledFacts FactsOf(Sha256Digest model, SessionSettings settings) => new()
    {
        Model = model,
        Runtime = NativeRuntime.Identity(Library),
        Provider = settings.Provider,
        CpuFeatures = CpuFeatures,
        Options = settings.Entries,
    };

    private async Task<ModelSession> MakeAsync(CompiledRoom room, string path, SessionSettings settings, Func<string, SessionSettings, ModelSession> load, CancellationToken cancel)
    {
        var graph = Path.Combine(room.Path, FileName);
        ModelSession session;
        try
        {
            session = load(path, settings with { SaveOptimizedTo = graph });
        }
        catch (ModelLoadException e)
        {
            // The disk is full, or it is the model itself: then it is refused again.
            session = load(path, settings);
            Say(e.Message);
            return session;
        }

        try
        {
            if (WhyUnlike(session, () => load(graph, settings with { IsOptimized = true })) is { } why)
            {
                Say(why);
                return session;
            }

            await room.KeepAsync(cancel);
            health.Clear(Warning, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Say(e.Message);
        }
        catch
        {
            session.Dispose();
            throw;
        }

        return session;
    }

    // Before a graph is trusted it answers as the model does, bit for bit.
    private string? WhyUnlike(ModelSession session, Func<ModelSession> load)
    {
        try
        {
            using var other = load();
            using var deadline = new RunDeadline(time, RunTimeout);
            for (var i = 0; i < session.Input.Length; i++)
                session.Input[i] = (((i * 2654435761L) & 0xFFFF) / 32768f) - 1; // Anything but flat.
            session.Input.CopyTo(other.Input);
            if ((deadline.Run(session) ?? deadline.Run(other)) is { } error)
                return error;

            var outputs = session.OutputInfos.Count;
            var isAlike = Enumerable.Range(0, outputs).All(o => MemoryMarshal.AsBytes(session.OutputOf(0, o)).SequenceEqual(MemoryMarshal.AsBytes(other.OutputOf(0, o))));
            session.Input.Clear();
            return isAlike ? null : "the graph answers otherwise than the model.";
        }
        catch (ModelLoadException e)
        {
            return e.Message;
        }
    }

    private void Say(string why) => health.Raise(Warning, null, $"An optimized graph is not kept, and models load without one: {why}",
        "Free space on the board's disk, or see whether it is read-only: findmnt. The board serves as well without; Inference:KeepOptimizedGraphs turns this off.");
}
