using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>What is remembered of a hello. Times are Unix ms.</summary>
/// <param name="Epoch">Epoch of the store.</param>
/// <param name="Boot">Boot id.</param>
/// <param name="Session">Number of the connection.</param>
/// <param name="Said">When the device sent it, by its clock.</param>
internal sealed record HelloSeen(string Epoch, string Boot, long Session, long Said);

/// <summary>
/// Tells two boards with one identity from one board that restarts. A kernel makes a new boot id at each start and never comes back to an earlier
/// one, so a boot id or epoch that returns after another is proof. So is a board that says that another client threw it out. Connection numbers that
/// go back again and again show it too: one disk that was restored goes back once. Pure.
/// </summary>
internal static class CloneDetector
{
    // No epoch: those are letters, digits and dashes.
    private const string SettledMark = "*";

    /// <summary>Hellos that are remembered of a device.</summary>
    public const int Remembered = 8;

    /// <summary>Times that a connection number may go back among them.</summary>
    public const int SetbacksMax = 1;

    /// <summary>Notes a hello.</summary>
    /// <param name="seen">Those remembered, oldest first.</param>
    /// <param name="hello">The new one.</param>
    /// <returns>Those to remember, and what shows that there are two boards; null when nothing does.</returns>
    public static (IReadOnlyList<HelloSeen> Seen, string? Evidence) Note(IReadOnlyList<HelloSeen> seen, Hello hello)
    {
        var now = new HelloSeen(hello.Epoch, hello.Boot, hello.Session, hello.At);
        if (seen.Contains(now))
            return (seen, null); // The same message, delivered again.

        IReadOnlyList<HelloSeen> all = [.. seen.TakeLast(Remembered - 1), now];
        return (all, hello.TakenOver > Settled(all) ? "Two boards speak as one: each says that the other threw it out."
            : Returns(all, h => h.Boot) ? $"Two boards speak as one: start {now.Boot} of the board came back after another one."
            : Returns(all, h => h.Epoch) ? $"Two boards speak as one: store {now.Epoch} came back after another one."
            : Setbacks(all) > SetbacksMax ? $"Two boards speak as one: their connection numbers went back {Setbacks(all)} times (now {now.Session})."
            : null);
    }

    /// <summary>What is remembered once a person has cleared the doubt up: what boards say of connections up to this one is of the past.</summary>
    public static IReadOnlyList<HelloSeen> Settle(long session) => [new HelloSeen(SettledMark, "", session, 0)];

    private static long Settled(IReadOnlyList<HelloSeen> all) => all.Where(h => h.Epoch == SettledMark).Select(h => h.Session).DefaultIfEmpty(-1).Max();

    private static bool Returns(IReadOnlyList<HelloSeen> all, Func<HelloSeen, string> mark)
    {
        var last = mark(all[^1]);
        var before = all.SkipLast(1).Select(mark).ToList();
        var earlier = before.LastIndexOf(last);
        return last.Length > 0 && earlier >= 0 && earlier < before.Count - 1;
    }

    private static int Setbacks(IReadOnlyList<HelloSeen> all) => all.Zip(all.Skip(1)).Count(p => p.First.Epoch == p.Second.Epoch && p.Second.Session <= p.First.Session);
}
