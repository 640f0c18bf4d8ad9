namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>Finds a program as a shell would, without one.</summary>
internal static class ProgramPath
{
    /// <summary>The file to run for a path or a bare name; null when there is none that may be run.</summary>
    /// <param name="program">Absolute path, or a name.</param>
    /// <param name="searched">Folders to look in, with colons between.</param>
    public static string? Find(string program, string? searched) => Path.IsPathRooted(program)
        ? IsRunnable(program) ? program : null
        : (searched ?? "/usr/local/bin:/usr/bin:/bin").Split(':').Where(Path.IsPathRooted).Select(folder => Path.Combine(folder, program)).FirstOrDefault(IsRunnable);

    private static bool IsRunnable(string path) =>
        File.Exists(path) && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
