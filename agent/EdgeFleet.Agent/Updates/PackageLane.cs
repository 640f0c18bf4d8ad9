using System.Collections.Concurrent;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>Downloads of all slots go one after another; what no slot needs is swept in between.</summary>
internal sealed class PackageLane(PackageShelf shelf) : IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private readonly ConcurrentBag<SlotLedger> _ledgers = [];

    /// <summary>Packages that slots serve or can return to.</summary>
    public IReadOnlyCollection<PackageRef> Serving => [.. _ledgers.SelectMany(l => ServingOf(l.Record)).Distinct()];

    /// <summary>Lets a slot say what it needs.</summary>
    public void Join(SlotLedger ledger) => _ledgers.Add(ledger);

    /// <summary>Does one download when its turn comes.</summary>
    public async Task<T> RunAsync<T>(Func<Task<T>> download, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            return await download();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Sweeps unless a download goes on; then the next one does.</summary>
    public void SweepIfFree()
    {
        if (!_one.Wait(0))
            return;
        try
        {
            Sweep();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Removes what no slot needs; only for the download whose turn it is.</summary>
    public void Sweep()
    {
        try
        {
            var records = _ledgers.Select(l => l.Record).ToList();
            shelf.Sweep([.. records.SelectMany(ServingOf)], [.. records.Select(Candidate).OfType<PackageRef>()]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Room is only an offer: the download looks at the free space itself and says what is wrong.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _one.Dispose();

    private static IEnumerable<PackageRef> ServingOf(SlotRecord record) => new[] { record.Serving.Active, record.Serving.Previous }.OfType<PackageRef>();

    private static PackageRef? Candidate(SlotRecord record) => record.State is WishState s && s is not (Rejected or RolledBack) ? s.Target.Package : null;
}
