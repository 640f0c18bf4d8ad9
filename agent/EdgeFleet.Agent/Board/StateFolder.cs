using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Board;

/// <summary>Where the agent of a configuration keeps its state, for commands beside it; unlike the agent they make nothing.</summary>
internal static class StateFolder
{
    /// <summary>The folder, absolute. Files that are broken are passed over: commands must work when the configuration does not.</summary>
    /// <exception cref="ConfigException">There is no such configuration.</exception>
    public static string Of(string configPath)
    {
        var (files, faults) = ConfigFile.LoadReadable(configPath);
        if (!File.Exists(configPath))
            throw new ConfigException(faults);

        var folder = ConfigFile.WithEnvironment(files)[$"{AgentOptions.Section}:{nameof(AgentOptions.StateFolder)}"];
        return Path.GetFullPath(string.IsNullOrEmpty(folder) ? new AgentOptions().StateFolder : folder);
    }
}
