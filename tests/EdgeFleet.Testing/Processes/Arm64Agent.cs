namespace EdgeFleet.Testing.Processes;

/// <summary>The published arm64 agent under qemu-user, with the libraries of an arm64 system in a folder (<c>provisioning/tools/arm64-root</c>).</summary>
public static class Arm64Agent
{
    /// <summary>Why a test without it is skipped.</summary>
    public const string Absent = "Skipped: EDGEFLEET_TEST_AGENT_ARM64 and EDGEFLEET_TEST_ARM64_ROOT do not name an arm64 agent and its libraries; make test does.";

    /// <summary>The emulator with its arguments; null where it is not prepared.</summary>
    public static IReadOnlyList<string>? Emulator { get; } = Named("EDGEFLEET_TEST_ARM64_ROOT") is { } root && File.Exists(Qemu) ? [Qemu, "-L", root] : null;

    /// <summary>The whole command without the agent's own arguments; null where it is not prepared.</summary>
    public static IReadOnlyList<string>? Command { get; } = Emulator is not null && Named("EDGEFLEET_TEST_AGENT_ARM64") is { } agent ? [.. Emulator, agent] : null;

    private const string Qemu = "/usr/bin/qemu-aarch64-static";

    private static string? Named(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } path && Path.Exists(path) ? Path.GetFullPath(path) : null;
}
