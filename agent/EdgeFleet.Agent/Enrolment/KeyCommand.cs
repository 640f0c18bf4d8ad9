using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Enrolment;

/// <summary><c>edgefleet-agent key [--config FILE]</c>: prints the SHA-256 of the key that this board will enrol with, making the key when there is none.</summary>
internal static class KeyCommand
{
    /// <summary>Runs the command.</summary>
    /// <exception cref="ConfigException">The configuration cannot be used.</exception>
    public static int Run(string[] args, TextWriter output, TextWriter errors)
    {
        var agent = ConfigFile.Load(ConfigFile.PathFrom(args)).ReadSection(AgentOptions.Section, AgentOptions.Read);
        try
        {
            using var key = new IdentityStore(agent.StateFolder).Next.Key(inForce: null);
            output.WriteLine(Sha256Digest.Of(key.ExportSubjectPublicKeyInfo()));
            return 0;
        }
        catch (IOException e)
        {
            errors.WriteLine($"edgefleet-agent key: {e.Message}");
            return EnrolCommand.FailedExitCode;
        }
    }

    /// <summary>A digest in groups, so that two people can compare it aloud.</summary>
    public static string Grouped(Sha256Digest digest) => string.Join(' ', digest.Value.Chunk(8).Select(c => new string(c)));
}
