using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>How publishing ended.</summary>
internal abstract record PackageEnding
{
    /// <summary>The version is published now.</summary>
    public sealed record Published(PackageSummary Package) : PackageEnding;

    /// <summary>The same package was published before; nothing changed.</summary>
    public sealed record Already(PackageSummary Package) : PackageEnding;

    /// <summary>Another package has this name and version.</summary>
    public sealed record Taken(string Reason) : PackageEnding;

    /// <summary>It is not fit; the text says what is wrong and how it was seen.</summary>
    public sealed record Refused(string Reason) : PackageEnding;

    /// <summary>It failed its check, and the person may not keep it all the same.</summary>
    public sealed record Forbidden(string Reason) : PackageEnding;
}

/// <summary>How taking a file in ended.</summary>
internal abstract record FileEnding
{
    /// <summary>It is there.</summary>
    public sealed record Stored : FileEnding;

    /// <summary>It is larger than a file may be.</summary>
    public sealed record TooLarge(string Reason) : FileEnding;

    /// <summary>It is not what its name says.</summary>
    public sealed record Refused(string Reason) : FileEnding;

    /// <summary>The disk has no room for it.</summary>
    public sealed record NoRoom(string Reason) : FileEnding;
}
