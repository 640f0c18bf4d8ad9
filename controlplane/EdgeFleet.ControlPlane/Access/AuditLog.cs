using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>The audit log in the database. An entry's number is one more than the last, so two who append at once cannot both succeed: the second tries again.</summary>
internal sealed class AuditLog(IDbContextFactory<FleetContext> contexts, TimeProvider time) : IAuditLog, IDisposable
{
    private const int AttemptsMax = 20;
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public async Task RecordAsync(string who, string what, string target, string? detail, CancellationToken cancel)
    {
        await _oneAtATime.WaitAsync(cancel);
        try
        {
            for (var attempt = 1; !await TryAppendAsync(who, what, target, detail, attempt == AttemptsMax, cancel); attempt++)
                cancel.ThrowIfCancellationRequested();
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public async Task<AuditVerdict> VerifyAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var chain = new AuditChain();
        await foreach (var entry in db.Set<AuditEntry>().AsNoTracking().OrderBy(a => a.Id).AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (chain.Follow(entry.ToRecord()) is { } fault)
                return new AuditVerdict.Broken(chain.Entries + 1, fault);
        }

        return new AuditVerdict.Whole(chain.Entries);
    }

    public async Task<IReadOnlyList<AuditRecord>> ListAsync(long after, int most, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return [.. (await db.Set<AuditEntry>().AsNoTracking().Where(a => a.Id > after).OrderBy(a => a.Id).Take(most).ToListAsync(cancel)).Select(a => a.ToRecord())];
    }

    public async Task<AuditHead> HeadAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var last = await db.Set<AuditEntry>().AsNoTracking().OrderByDescending(a => a.Id).FirstOrDefaultAsync(cancel);
        return new AuditHead(last?.Id ?? 0, last?.Hash ?? AuditChain.Start, time.GetUtcNow());
    }

    public void Dispose() => _oneAtATime.Dispose();

    private async Task<bool> TryAppendAsync(string who, string what, string target, string? detail, bool last, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var head = await db.Set<AuditEntry>().AsNoTracking().OrderByDescending(a => a.Id).FirstOrDefaultAsync(cancel);
        var entry = new AuditEntry
        {
            Id = (head?.Id ?? 0) + 1,
            At = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Who = who,
            What = what,
            Target = target,
            Detail = detail,
            Before = head?.Hash ?? AuditChain.Start,
        };
        entry.Hash = entry.ComputeHash();
        db.Add(entry);
        try
        {
            await db.SaveChangesAsync(cancel);
            return true;
        }
        catch (DbUpdateException) when (!last)
        {
            return false; // Another process took the number.
        }
    }
}
