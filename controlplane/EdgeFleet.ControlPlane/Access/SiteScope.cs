namespace EdgeFleet.ControlPlane.Access;

/// <summary>
/// The sites to which who asks is limited. It is set once, where a request has been signed in, and flows with it; the database's own
/// filters (<see cref="Data.FleetContext"/>) read it, so that no query can forget it. Work that no person asked for sees all.
/// </summary>
internal static class SiteScope
{
    private static readonly AsyncLocal<string[]?> Current = new();

    /// <summary>True when nothing limits the one who asks.</summary>
    public static bool SeesAll => Current.Value is null;

    /// <summary>The sites, where <see cref="SeesAll"/> is false.</summary>
    public static IReadOnlyList<string> Sites => Current.Value ?? [];

    /// <summary>True when devices of this site are within reach.</summary>
    public static bool Covers(string? site) => Current.Value is not { } sites || sites.Contains(site ?? "");

    /// <summary>Why something for this site is out of reach; null when it is not.</summary>
    public static string? FaultIn(string? site) => Covers(site) ? null : $"Your account is limited to {string.Join(", ", Sites)}; {(string.IsNullOrEmpty(site) ? "a site has to be named" : $"{site} is not among them")}.";

    /// <summary>Limits what follows in this request.</summary>
    public static IApplicationBuilder UseSiteScope(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var sites = Person.Of(context.User).Sites;
        Current.Value = sites.Count == 0 ? null : [.. sites];
        await next(context); // Awaited, so that the limit ends with the request.
    });
}
