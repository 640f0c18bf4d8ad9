namespace EdgeFleet.Agent.Sources;

/// <summary>A user and a password.</summary>
internal sealed record UserPassword(string User, string Password);

/// <summary>A file on the board with one line <c>user:password</c>, so that no password stands in the configuration or in a log.</summary>
internal static class CredentialsFile
{
    private const int BytesMax = 4096;

    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">It is absent, unreadable, or has no such line; the text names it.</exception>
    public static UserPassword Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > BytesMax)
                throw new IOException($"{path} is no credentials file: it has more than {BytesMax} bytes.");

            var line = File.ReadLines(path).FirstOrDefault() ?? "";
            var colon = line.IndexOf(':');
            return colon > 0 ? new UserPassword(line[..colon], line[(colon + 1)..]) : throw new IOException($"The first line of {path} is not user:password.");
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"{path} may not be read by the agent's user.", e);
        }
    }
}
