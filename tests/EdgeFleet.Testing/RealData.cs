namespace EdgeFleet.Testing;

/// <summary>The folder of real photos, series and models that may lie beside the checkout. Tests that need it say that they were skipped where it is absent.</summary>
public static class RealData
{
    /// <summary>Root of this checkout.</summary>
    public static string CheckoutRoot { get; } = FindCheckout();

    /// <summary>The data folder, or null.</summary>
    public static string? Folder { get; } = Path.Combine(CheckoutRoot, "..", "shared", "data") is var path && Directory.Exists(path) ? Path.GetFullPath(path) : null;

    /// <summary>What a skipped test says.</summary>
    public const string Absent = "Skipped: ../shared/data is not beside this checkout.";

    private static string FindCheckout()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "EdgeFleet.sln")))
            folder = Path.GetDirectoryName(folder.TrimEnd('/'));
        return folder ?? throw new InvalidOperationException($"No EdgeFleet.sln above {AppContext.BaseDirectory}.");
    }
}
