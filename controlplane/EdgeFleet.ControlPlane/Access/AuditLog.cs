using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>The audit log in the database. An entry's number is one more than the last, so two who append at once cannot both succeed: the second tries again.</summary>
internal sealed class AuditLog(IDbContextFactory<FleetContext> contexts, TimeProvider time) : IAuditLog, IDisposable
{
    private const int AttemptsMax = 20;
    private static readonly string Zeros = new('0', 64);
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
        var before = Zeros;
        long expected = 0;
        await foreach (var entry in db.Set<AuditEntry>().AsNoTracking().OrderBy(a => a.Id).AsAsyncEnumerable().WithCancellation(cancel))
        {
            expected++;
            if (entry.Id != expected)
                return new AuditVerdict.Broken(expected, $"Entry {expected} is missing; the next there is {entry.Id}.");
            if (entry.Before != before)
                return new AuditVerdict.Broken(entry.Id, $"Entry {entry.Id} does not follow from the one before it.");
            if (entry.Hash != entry.ComputeHash())
                return new AuditVerdict.Broken(entry.Id, $"Entry {entry.Id} was changed after it was written.");
            before = entry.Hash;
        }

        return new AuditVerdict.Whole(expected);
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
            Before = head?.Hash ?? Zeros,
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
