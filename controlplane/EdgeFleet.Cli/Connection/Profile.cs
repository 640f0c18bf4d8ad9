using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.Cli.Connection;

/// <summary>Where the last sign-in went, with its token. Kept in <c>~/.config/edgefleet/profile.json</c>, readable by its owner alone.</summary>
internal sealed record Profile(Uri Url, string? Token, string? CaPem)
{
    private static string Path => System.IO.Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } xdg ? xdg : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"),
        "edgefleet",
        "profile.json");

    /// <summary>The kept profile, or null.</summary>
    public static Profile? Load()
    {
        try
        {
            return File.Exists(Path) ? JsonSerializer.Deserialize(File.ReadAllText(Path), ProfileJson.Default.Profile) : null;
        }
        catch (JsonException e)
        {
            throw new InvalidOperationException($"{Path} is not a profile ({e.Message}). Delete it and run: edgefleet login URL");
        }
    }

    /// <summary>Keeps the profile.</summary>
    public void Save()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        DurableFile.Replace(Path, JsonSerializer.SerializeToUtf8Bytes(this, ProfileJson.Default.Profile), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

[JsonSerializable(typeof(Profile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
