using System.Collections.Concurrent;
using System.Diagnostics;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.SimulatedBoards;

/// <summary>
/// A board whose disk outlives its processes, with the control plane's wishes for it. It is told how a process ends, starts the next one, and says at every end
/// what the records do not account for.
/// </summary>
internal sealed class UpdateBoard : IAsyncDisposable
{
    private const int TimesFaster = 50;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"edgefleet-{Guid.NewGuid():n}")).FullName;
    private readonly List<string> _complaints = [];
    private SimulatedDisk _disk;
    private int _boots = 1;
    private long _version;
    private BoardLife? _starting;
    private Action<string>? _entering;
    private readonly ConcurrentBag<string> _pipes = [];

    public UpdateBoard(int seed = 1) => _disk = new SimulatedDisk(seed);

    public MemorySource Source { get; } = new();

    public FastTime Time { get; } = new(TimesFaster);

    public UpdateOptions Options { get; set; } = Boards.Options;

    /// <summary>What stands in for the rehearsing process; it passes everything unless told otherwise.</summary>
    public AgentProgram Rehearsal { get; set; } = Says("""{"passed":true,"summary":"It agrees."}""", 0);

    /// <summary>Label of a model whose samples never come back, as from native code that hangs; the watch over slots then ends the process.</summary>
    public string? HangsIn { get; set; }

    /// <summary>Called with each answer of the process that starts next, before it is counted.</summary>
    public Action<SlotName, string>? Answering { get; set; }

    /// <summary>The disk as the process sees it that runs or starts next.</summary>
    public SimulatedDisk Disk => _disk;

    /// <summary>The process that runs.</summary>
    public BoardLife Life { get; private set; } = null!;

    /// <summary>Name of the state of the slot under update; <c>Start</c> before it has been read.</summary>
    public string StateName => _starting?.StateName ?? "Start";

    /// <summary>What is wished now.</summary>
    public Wish? Wished { get; private set; }

    /// <summary>What was found wrong: samples lost, rows missing.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public string PathOf(TestPackage package) => Path.Combine(_folder, "packages", package.Manifest.Variants[0].File.Digest.Value);

    public static AgentProgram Says(string line, int exitCode) => new("/bin/sh", ["-c", $"echo '{line}'; exit {exitCode}"]);

    /// <summary>Does something once, when the slot's state has just been written.</summary>
    public void In(string state, Action act)
    {
        var done = 0;
        _entering = (entered) =>
        {
            if (entered == state && Interlocked.Exchange(ref done, 1) == 0)
                act();
        };
    }

    /// <summary>Puts a pipe without an end in place of a file: whoever opens it hangs.</summary>
    public void Pipe(string path)
    {
        File.Delete(path);
        using var make = Process.Start("mkfifo", [path]);
        make.WaitForExit();
        _pipes.Add(path);
    }

    /// <summary>Puts a slot's record and the packages it speaks of on disk, before the first process.</summary>
    public void Install(SlotRecord record, params TestPackage[] packages)
    {
        var store = new ContentStore(Path.Combine(_folder, "packages"));
        foreach (var package in packages)
            package.AddTo(store);
        new UpdateStore(_folder, new HealthBoard(TimeProvider.System), TimeProvider.System).Save(record);
    }

    /// <summary>Lets the neighbour slot serve its model.</summary>
    public void InstallNeighbour() => Install(
        new SlotRecord { Slot = Boards.Pump, State = new Committed(new Wish(Boards.Neighbour.Ref, 1, 1), null), Serving = new Serving(Boards.Neighbour.Ref, null) }, Boards.Neighbour);

    /// <summary>The control plane wishes; every later process hears it too.</summary>
    public void Wish(Wish wish)
    {
        Wished = wish;
        Life?.Offer(wish, ++_version);
    }

    /// <summary>Starts a process on the disk as it is.</summary>
    public async Task StartAsync()
    {
        (_starting, Life) = (null, null!);
        Life = new BoardLife(new BoardGround(_folder, _disk, Source, Time, Options, Rehearsal, $"boot-{_boots}"), life => _starting = life);
        (Life.Records.Entering, Life.Records.Answering) = (_entering, Answering);
        if (HangsIn is { } model)
            Life.HangIn(model);
        if (Wished is { } wish)
            Life.Offer(wish, ++_version);
        await Life.StartAsync();
    }

    /// <summary>The process dies, or the whole board loses power.</summary>
    public async Task KillAsync(bool powerCut)
    {
        // It may have ended before all of it was there.
        if (Life is not null)
        {
            await Life.KillAsync();
            Account(killed: true);
        }

        Next(powerCut);
    }

    /// <summary>The process is stopped in order; false when it ended in that.</summary>
    public async Task<bool> StopAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await Life.StopAsync(limit.Token);
        if (Life.HasEnded)
            return false;

        Account(killed: false);
        await Life.DisposeAsync();
        Next(powerCut: false);
        return true;
    }

    /// <summary>Waits for something; false when the process ended first.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public async Task<bool> UntilAsync(Func<BoardLife, bool> holds, string what, TimeSpan? within = null)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!Life.HasEnded)
        {
            var next = Life.NextChange;
            if (holds(Life))
                return true;

            var left = (within ?? Patience) - TimeProvider.System.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero)
                throw new TimeoutException($"The board never came to {what}: it is in {Life.State}, serves {Life.Leaf.Host.Active?.Package.Label ?? "nothing"}, and says {string.Join(" | ", Life.Health.Warnings.Select(w => w.Text))}");
            await Task.WhenAny(next, Task.Delay(left));
        }

        return false;
    }

    /// <summary>True when nothing is left to do for the wish.</summary>
    public bool IsSettled(BoardLife life) => life.State.Phase == UpdatePhase.Resting
        && (Wished is not { } wish || (life.State as WishState)?.Target == wish);

    /// <summary>Waits until the package that serves is verified and answers.</summary>
    public Task<bool> ServesAsync(params IEnumerable<PackageRef> verified)
    {
        var before = verified.ToDictionary(p => p.Label, p => Life.Records.AnswersOf(Boards.Leaf, p.Label));
        return UntilAsync(l => before.Any(b => l.Leaf.Host.Active?.Package.Label == b.Key && l.Records.AnswersOf(Boards.Leaf, b.Key) > b.Value), "an answer of a verified model");
    }

    public async ValueTask DisposeAsync()
    {
        if (Life is not null)
            await Life.KillAsync();
        // Whoever still hangs in a pipe is let go.
        foreach (var pipe in _pipes.Where(File.Exists))
            new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite).Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Next(bool powerCut)
    {
        _disk = _disk.Next(powerCut);
        _boots += powerCut ? 1 : 0;
    }

    // A kill may take the open row and no more; nothing else may take anything.
    private void Account(bool killed)
    {
        foreach (var slot in new[] { Life.Leaf.Host, Life.Pump.Host })
        {
            var (counts, tally) = (slot.Counts, Life.Records.TallyOf(slot.Slot));
            if (counts.Unanswered != 0 || (!killed && counts.Dropped != 0))
                _complaints.Add($"{slot.Slot}: of {counts.Read} samples {counts.Unanswered} are unanswered and {counts.Dropped} dropped");
            if (tally.InNoRow > (killed ? tally.SinceLastRow : 0))
                _complaints.Add($"{slot.Slot}: {tally.InNoRow} answers are in no row; {tally.SinceLastRow} came after the last one");
        }
    }
}
