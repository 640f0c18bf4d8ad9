using System.Globalization;
using EdgeFleet.Agent.Power;

namespace EdgeFleet.Agent.Updates.Budget;

/// <summary>
/// The link that leads out of the board: the interface of the default route with the lowest metric, of IPv4 or, where it has none, of IPv6, as the kernel tells it in
/// <c>/proc/net/route</c> and <c>/proc/net/ipv6_route</c>.
/// </summary>
internal static class DefaultRoute
{
    private const int Up = 0x1;
    private const int Reject = 0x200;

    /// <summary>Name of the interface, for example <c>wwan0</c>; null without a default route.</summary>
    public static string? LinkOf(BoardRoot root) =>
        LinkOf(BoardRoot.Text(root["proc/net/route"]), Ipv4) ?? LinkOf(BoardRoot.Text(root["proc/net/ipv6_route"]), Ipv6);

    private static string? LinkOf(string? table, Func<string[], (string Link, long Metric)?> read) => (table ?? "").Split('\n')
        .Select(line => read(line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)))
        .OfType<(string Link, long Metric)>()
        .OrderBy(route => route.Metric)
        .Select(route => route.Link)
        .FirstOrDefault();

    // Iface Destination Gateway Flags RefCnt Use Metric Mask ...; numbers of addresses are hexadecimal.
    private static (string, long)? Ipv4(string[] fields) =>
        fields is [var link, "00000000", _, var flags, _, _, var metric, "00000000", ..] && IsUp(flags) && long.TryParse(metric, NumberStyles.None, CultureInfo.InvariantCulture, out var cost)
            ? (link, cost)
            : null;

    // Destination PrefixLength Source PrefixLength NextHop Metric RefCnt Use Flags Iface; all hexadecimal.
    private static (string, long)? Ipv6(string[] fields) =>
        fields is ["00000000000000000000000000000000", "00", _, _, _, var metric, _, _, var flags, var link]
            && link != "lo" && IsUp(flags) && long.TryParse(metric, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var cost)
            ? (link, cost)
            : null;

    private static bool IsUp(string flags) =>
        int.TryParse(flags, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var set) && (set & Up) != 0 && (set & Reject) == 0;
}
