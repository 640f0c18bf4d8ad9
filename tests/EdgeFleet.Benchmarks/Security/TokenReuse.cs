using EdgeFleet.Shared.Api;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>Tickets used more often than they may be, one after another and at once.</summary>
internal static class TokenReuse
{
    private const int AtOnce = 8;

    /// <summary>True when each ticket let in exactly one board.</summary>
    public static async Task<bool> RunAsync(FleetClient api, CancellationToken cancel)
    {
        var once = (await api.CreateTokenAsync(new EnrolmentTokenRequest(), cancel)).Ticket;
        var (first, _) = await BenchDevice.TryEnrolAsync(once, "token-first", cancel);
        var (second, _) = await BenchDevice.TryEnrolAsync(once, "token-second", cancel);
        Console.WriteLine($"  a ticket used twice: {(int)first}, then {(int)second}");

        var raced = (await api.CreateTokenAsync(new EnrolmentTokenRequest(), cancel)).Ticket;
        var race = await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => BenchDevice.TryEnrolAsync(raced, $"token-race-{i}", cancel)));
        var let = race.Count(r => r.Device is not null);
        Console.WriteLine($"  a ticket used by {AtOnce} at once: {let} let in, the others {string.Join(", ", race.Where(r => r.Device is null).Select(r => (int)r.Status).Distinct())}");

        var withdrawn = await api.CreateTokenAsync(new EnrolmentTokenRequest(), cancel);
        await api.WithdrawTokenAsync(withdrawn.Id, cancel);
        var (late, _) = await BenchDevice.TryEnrolAsync(withdrawn.Ticket, "token-late", cancel);
        Console.WriteLine($"  a ticket that was withdrawn: {(int)late}");
        return (int)first == 200 && (int)second == 403 && let == 1 && race.All(r => r.Device is not null || (int)r.Status == 403) && (int)late == 403;
    }
}
