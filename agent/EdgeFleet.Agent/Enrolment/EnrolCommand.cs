using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Enrolment;

/// <summary><c>edgefleet-agent enrol TICKET [--config FILE] [--name NAME] [--force] [--replace]</c>: joins a fleet.</summary>
internal static class EnrolCommand
{
    /// <summary>Exit code when the enrolment did not work.</summary>
    public const int FailedExitCode = 1;

    private const string Call = "Usage: edgefleet-agent enrol TICKET [--config FILE] [--name NAME] [--force] [--replace]";

    /// <summary>Runs the command and says on the console how it ended.</summary>
    /// <param name="args">What stands after <c>enrol</c>.</param>
    /// <returns>0 when the board is enrolled, 1 when it is not, 2 for a wrong call.</returns>
    /// <exception cref="ConfigException">The configuration cannot be used.</exception>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, Console.Out, Console.Error, TimeProvider.System);

    /// <inheritdoc cref="RunAsync(string[])"/>
    internal static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, TimeProvider time)
    {
        if (EnrolCall.Parse(args, out var call) is { } fault)
        {
            await errors.WriteLineAsync($"edgefleet-agent enrol: {fault}\n{Call}");
            return Usage.ExitCode;
        }

        var result = EnrolmentTicket.TryParse(call.Ticket) is { } ticket
            ? await EnrolAsync(ticket, ConfigFile.Load(ConfigFile.PathFrom(args)), call, output, time)
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

    private static async Task<EnrolmentResult> EnrolAsync(EnrolmentTicket ticket, IConfiguration configuration, EnrolCall call, TextWriter output, TimeProvider time)
    {
        var agent = configuration.ReadSection(AgentOptions.Section, AgentOptions.Read);
        var identities = new IdentityStore(agent.StateFolder);
        if (identities.IsEnrolled && !call.IsForced)
        {
            return new EnrolmentResult.Failed($"{NameOf(identities)}, by the identity in {Path.Combine(agent.StateFolder, "identity")}. Nothing was changed.",
                "To give that identity up and take a new one, add --force. The ticket is not used up.");
        }

        try
        {
            // Kept until the board is in, so that it may be asked again with the same key after anything.
            using var key = identities.Next.Key(inForce: null);
            var about = new EnrolmentRequest { Token = "", Csr = "", Name = call.Name, Hardware = agent.Hardware, Slots = [.. SlotsOf(configuration)], Replace = call.Replaces };
            var trusted = new TrustedTime(agent.StateFolder, time);
            for (var isFirst = true; ; isFirst = false)
            {
                var result = await EnrolmentClient.EnrolAsync(ticket, key, about, trusted, CancellationToken.None);
                if (result is EnrolmentResult.Enrolled enrolled)
                    identities.Save(enrolled.Assigned, key);
                if (result is not EnrolmentResult.Waits waits)
                    return result;

                if (isFirst)
                    await output.WriteLineAsync(WaitingText(ticket, waits.Key));
                await Task.Delay(waits.Retry, time);
            }
        }
        catch (IOException e)
        {
            return new EnrolmentResult.Failed($"The board is not enrolled: {e.Message}",
                "Free space or correct the rights of the state folder, then run the same command again: the board asks with the same key, so the ticket is not used up twice.");
        }
    }

    private static string WaitingText(EnrolmentTicket ticket, Sha256Digest key) =>
        $"""
        This board waits for approval at {ticket.Url}
        Its key, to be compared with the one shown there:
          {KeyCommand.Grouped(key)}
        It goes on by itself once it is approved. It may be stopped and asked again later; the key stays.
        """;

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
}
