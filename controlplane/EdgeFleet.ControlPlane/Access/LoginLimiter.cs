using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>
/// Slows guessing down: counts attempts that failed, per account and per address, in a fixed window. An attempt is counted before the password is looked at
/// and taken back when it was right, so attempts at the same time cannot slip through.
/// </summary>
internal sealed class LoginLimiter(TimeProvider time, IOptions<AccessOptions> options)
{
    private const int KeysMax = 100_000;
    private readonly ConcurrentDictionary<string, Window> _windows = new();

    /// <summary>Counts an attempt. Not null: nothing was counted, and how long to wait.</summary>
    public TimeSpan? Begin(string account, string address)
    {
        var limits = options.Value;
        return Count(AccountKey(account), limits.FailuresPerAccountMax) ?? Count(AddressKey(address), limits.FailuresPerAddressMax, undo: AccountKey(account));
    }

    /// <summary>Takes an attempt back that was right.</summary>
    public void Succeeded(string account, string address)
    {
        _windows.TryRemove(AccountKey(account), out _);
        TakeBack(AddressKey(address));
    }

    private static string AccountKey(string account) => "account " + account.Trim().ToLowerInvariant();

    private static string AddressKey(string address) => "address " + address;

    private TimeSpan? Count(string key, int max, string? undo = null)
    {
        var now = time.GetUtcNow();
        if (_windows.Count > KeysMax)
            DropOld(now);
        var window = _windows.AddOrUpdate(key, _ => new Window(Ends(now), 1), (_, w) => w.Ends <= now ? new Window(Ends(now), 1) : w with { Count = w.Count + 1 });
        if (window.Count <= max)
            return null;

        TakeBack(key);
        if (undo is not null)
            TakeBack(undo);
        return window.Ends - now;
    }

    private DateTimeOffset Ends(DateTimeOffset now) => now.AddMinutes(options.Value.FailureWindowMinutes);

    private void TakeBack(string key)
    {
        while (_windows.TryGetValue(key, out var window) && !_windows.TryUpdate(key, window with { Count = Math.Max(0, window.Count - 1) }, window))
        {
        }
    }

    private void DropOld(DateTimeOffset now)
    {
        foreach (var (key, window) in _windows)
        {
            if (window.Ends <= now)
                _windows.TryRemove(key, out _);
        }
    }

    private sealed record Window(DateTimeOffset Ends, int Count);
}
