using System.Security.Cryptography;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Enrolment;

/// <summary><c>edgefleet-agent enrol TICKET [--config FILE] [--name NAME] [--force]</c>: joins a fleet.</summary>
internal static class EnrolCommand
{
    /// <summary>Exit code when the enrolment did not work.</summary>
    public const int FailedExitCode = 1;

    /// <summary>Runs the command and says on the console how it ended.</summary>
    /// <param name="args">What stands after <c>enrol</c>.</param>
    /// <returns>0 when the board is enrolled, 1 when it is not, 2 for a wrong call.</returns>
    /// <exception cref="ConfigException">The configuration cannot be used.</exception>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, Console.Out, Console.Error);

    /// <inheritdoc cref="RunAsync(string[])"/>
    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (Parse(args, out var text, out var name, out var isForced) is { } fault)
        {
            await errors.WriteLineAsync($"edgefleet-agent enrol: {fault}\nUsage: edgefleet-agent enrol TICKET [--config FILE] [--name NAME] [--force]");
            return Usage.ExitCode;
        }

        var result = EnrolmentTicket.TryParse(text) is { } ticket
            ? await EnrolAsync(ticket, ConfigFile.Load(ConfigFile.PathFrom(args)), name, isForced)
            : new EnrolmentResult.Failed("What was given is not a ticket: a ticket begins with 'efe1.' and comes in one piece.",
                "Copy it again from the control plane, whole and without line breaks.");
        switch (result)
        {
            case EnrolmentResult.Enrolled enrolled:
                await output.WriteLineAsync($"Enrolled as {enrolled.Assigned.Device}.");
                await output.WriteLineAsync($"A running agent connects to {enrolled.Assigned.MqttHost}:{enrolled.Assigned.MqttPort} within seconds; otherwise start it: systemctl start edgefleet-agent");
                return 0;
            case EnrolmentResult.Failed failed:
                await errors.WriteLineAsync($"edgefleet-agent enrol: {failed.Reason}\n{failed.Remedy}");
                return FailedExitCode;
            default:
                throw new InvalidOperationException($"{result.GetType().Name} is not an end of an enrolment.");
        }
    }

    private static async Task<EnrolmentResult> EnrolAsync(EnrolmentTicket ticket, IConfiguration configuration, string? name, bool isForced)
    {
        var agent = configuration.ReadSection(AgentOptions.Section, AgentOptions.Read);
        var identities = new IdentityStore(agent.StateFolder);
        if (identities.IsEnrolled && !isForced)
        {
            return new EnrolmentResult.Failed($"{NameOf(identities)}, by the identity in {Path.Combine(agent.StateFolder, "identity")}. Nothing was changed.",
                "To give that identity up and take a new one, add --force. The ticket is not used up.");
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var about = new EnrolmentRequest { Token = "", Csr = "", Name = name, Hardware = agent.Hardware, Slots = [.. SlotsOf(configuration)] };
        var result = await EnrolmentClient.EnrolAsync(ticket, key, about, CancellationToken.None);
        try
        {
            if (result is EnrolmentResult.Enrolled enrolled)
                identities.Save(enrolled.Assigned, key);
            return result;
        }
        catch (IOException e)
        {
            return new EnrolmentResult.Failed($"The control plane enrolled this board, and the identity was not saved: {e.Message}",
                "Free space or correct the rights of the state folder, then make a new ticket: this one is used up.");
        }
    }

    private static string NameOf(IdentityStore identities)
    {
        if (identities.Load() is not IdentityFound.Enrolled enrolled)
            return "This board is enrolled already";

        using var identity = enrolled.Identity;
        return $"This board is enrolled already, as {identity.Assigned.Device}";
    }

    // A slot that has no proper name is the business of `run`, which lists every mistake of the configuration.
    private static IEnumerable<SlotName> SlotsOf(IConfiguration configuration) => configuration.GetSection("Slots")
        .GetChildren().Select(s => SlotName.TryParse(s.Key, out var slot) ? slot : default).Where(s => s.Value is not null);

    /// <returns>What is wrong with the call; null when it is right.</returns>
    private static string? Parse(string[] args, out string ticket, out string? name, out bool isForced)
    {
        (ticket, name, isForced) = ("", null, false);
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            if (arg == "--force")
                isForced = true;
            else if (arg == "--config" || arg.StartsWith("--config=", StringComparison.Ordinal))
                i += arg == "--config" ? 1 : 0;
            else if (arg == "--name" && i + 1 < args.Length)
                name = args[++i];
            else if (arg.StartsWith("--name=", StringComparison.Ordinal))
                name = arg["--name=".Length..];
            else if (arg.StartsWith('-') || ticket.Length > 0)
                return $"'{arg}' is not understood.";
            else
                ticket = arg;
        }

        if (ticket.Length == 0)
            return "the ticket is missing.";
        return name is not null && !DeviceId.TryParse(name, out _)
            ? $"'{name}' is not a name for a device: 3 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit."
            : null;
    }
}
