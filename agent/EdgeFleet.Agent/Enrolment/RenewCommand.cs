using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Enrolment;

/// <summary><c>edgefleet-agent renew [--config FILE]</c>: renews the certificate now, due or not. A running agent takes it over by itself.</summary>
internal static class RenewCommand
{
    /// <summary>Runs the command.</summary>
    /// <returns>0 when the new certificate is in force, 1 when it is not.</returns>
    /// <exception cref="ConfigException">The configuration cannot be used.</exception>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors, TimeProvider time)
    {
        var agent = ConfigFile.Load(ConfigFile.PathFrom(args)).ReadSection(AgentOptions.Section, AgentOptions.Read);
        var identities = new IdentityStore(agent.StateFolder);
        switch (identities.Load())
        {
            case IdentityFound.Enrolled enrolled:
                using (var identity = enrolled.Identity)
                {
                    var result = await new Renewal(identities, new TrustedTime(agent.StateFolder, time)).RenewAsync(identity, CancellationToken.None);
                    if (result is RenewalResult.Done done)
                    {
                        await output.WriteLineAsync($"The certificate of {identity.Assigned.Device} is renewed, until {done.Ends:u}.");
                        return 0;
                    }

                    await errors.WriteLineAsync($"edgefleet-agent renew: {((RenewalResult.Failed)result).Reason}\nThe certificate in force ends at {new DateTimeOffset(identity.Certificate.NotAfter):u}; nothing was changed.");
                    return EnrolCommand.FailedExitCode;
                }

            case IdentityFound.Damaged damaged:
                await errors.WriteLineAsync($"edgefleet-agent renew: {damaged.Reason}\nEnrol the board again: edgefleet-agent enrol TICKET --force");
                return EnrolCommand.FailedExitCode;
            default:
                await errors.WriteLineAsync("edgefleet-agent renew: this board belongs to no fleet yet. Make a ticket in the control plane and run: edgefleet-agent enrol TICKET");
                return EnrolCommand.FailedExitCode;
        }
    }
}
