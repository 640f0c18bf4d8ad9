using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.FileProviders;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The few files of the pages, beside the program wherever it was started from.</summary>
internal static class SiteFiles
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <summary>Address of the style sheet; changes when the file does, so that browsers may keep it for good.</summary>
    public static string Style { get; } = Versioned("site.css");

    public static StaticFileOptions Options() => new()
    {
        FileProvider = new PhysicalFileProvider(Folder),
        OnPrepareResponse = c => c.Context.Response.Headers.CacheControl =
            c.Context.Request.Query.ContainsKey("v") ? "public, max-age=31536000, immutable" : "public, max-age=3600",
    };

    private static string Versioned(string name) =>
        $"/{name}?v={Sha256Digest.Of(File.ReadAllBytes(Path.Combine(Folder, name))).Short}";
}
