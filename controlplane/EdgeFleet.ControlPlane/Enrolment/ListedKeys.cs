using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Keys of boards that are listed before the boards come.</summary>
internal sealed class ListedKeys(IDbContextFactory<FleetContext> contexts, TimeProvider time)
{
    private const int KeysMax = 10_000;

    /// <summary>All, the newest first.</summary>
    public async Task<IReadOnlyList<ListedKeySummary>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return [.. (await db.Set<ListedKey>().AsNoTracking().OrderByDescending(k => k.Added).Take(KeysMax).ToListAsync(cancel))
            .Select(k => new ListedKeySummary(k.Key.Value, k.Name, k.Site, k.Tags, k.AddedBy, k.UsedBy?.Value))];
    }

    /// <summary>Lists keys, all or none.</summary>
    /// <returns>What is wrong with the first that cannot be listed; null when all are.</returns>
    public async Task<string?> AddAsync(IReadOnlyList<ListedKeySummary> keys, string who, CancellationToken cancel)
    {
        if (keys.Count is 0 or > KeysMax)
            return $"There are {keys.Count} keys; 1 to {KeysMax} are taken at once.";
        for (var i = 0; i < keys.Count; i++)
        {
            if (FaultIn(keys[i]) is { } fault)
                return $"Key {i + 1}: {fault}";
        }

        if (keys.GroupBy(k => k.Key).FirstOrDefault(g => g.Count() > 1) is { } twice)
            return $"The key {twice.Key} stands there {twice.Count()} times.";
        if (keys.Where(k => k.Name is { Length: > 0 }).GroupBy(k => k.Name).FirstOrDefault(g => g.Count() > 1) is { } same)
            return $"The name {same.Key} stands there {same.Count()} times.";

        await using var db = await contexts.CreateDbContextAsync(cancel);
        foreach (var chunk in keys.Select(k => Sha256Digest.Parse(k.Key)).Chunk(500))
        {
            if (await db.Set<ListedKey>().Where(k => chunk.Contains(k.Key)).Select(k => k.Key).FirstOrDefaultAsync(cancel) is { Value: not null } known)
                return $"The key {known} is listed already.";
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        db.AddRange(keys.Select(k => new ListedKey { Key = Sha256Digest.Parse(k.Key), Name = k.Name ?? "", Site = k.Site ?? "", Tags = [.. k.Tags ?? []], AddedBy = who, Added = now }));
        await db.SaveChangesAsync(cancel);
        return null;
    }

    /// <summary>Takes an unused key off the list; false when there is none.</summary>
    public async Task<bool> RemoveAsync(Sha256Digest key, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<ListedKey>().Where(k => k.Key == key && k.UsedBy == null).ExecuteDeleteAsync(cancel) == 1;
    }

    private static string? FaultIn(ListedKeySummary key)
    {
        if (!Sha256Digest.TryParse(key.Key, out _))
            return $"'{key.Key}' is not the SHA-256 of a key: 64 digits of 0-9 and a-f, as 'edgefleet-agent key' prints them.";
        if (key.Name is { Length: > 0 } name && !DeviceId.TryParse(name, out _))
            return $"'{name}' is not an id: 3 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit.";
        return TokenRules.FaultIn(key.Site, key.Tags) ?? SiteScope.FaultIn(key.Site);
    }
}
