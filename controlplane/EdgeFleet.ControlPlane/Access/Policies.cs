namespace EdgeFleet.ControlPlane.Access;

/// <summary>
/// The policies that endpoints and pages ask for; each has the name of the role that it needs.
/// An admin may all; an operator may what staff may, staff what a viewer may; a publisher may what a viewer may, and push packages.
/// </summary>
internal static class Policies
{
    public const string Viewer = "viewer";
    public const string Staff = "staff";
    public const string Operator = "operator";
    public const string Publisher = "publisher";
    public const string Admin = "admin";

    /// <summary>All roles, from the least.</summary>
    public static IReadOnlyList<string> All { get; } = [Viewer, Staff, Operator, Publisher, Admin];

    /// <summary>True when somebody with the role may do what needs the other.</summary>
    public static bool Covers(string? role, string needed) => needed switch
    {
        Viewer => role is Viewer or Staff or Operator or Publisher or Admin,
        Staff => role is Staff or Operator or Admin,
        Operator => role is Operator or Admin,
        Publisher => role is Publisher or Admin,
        Admin => role is Admin,
        _ => false, // Also of roles that there are not: a token for such a one counts for nothing.
    };
}
