namespace EdgeFleet.ControlPlane.Access;

/// <summary><c>edgefleet-controlplane user add NAME --role ROLE [--password-stdin]</c>.</summary>
internal static class UserCommand
{
    public const string Usage = "Usage: edgefleet-controlplane user add NAME --role viewer|staff|operator|publisher|admin [--password-stdin]";

    /// <summary>Makes an account. Ends with 0, 1 when it was refused, 2 when the command was not understood.</summary>
    /// <param name="args">The arguments from <c>user</c> on.</param>
    /// <param name="services">Services with data and access.</param>
    /// <param name="io">Where the password comes from and the answer goes.</param>
    /// <param name="cancel">Stops waiting.</param>
    public static async Task<int> RunAsync(string[] args, IServiceProvider services, CommandIO io, CancellationToken cancel)
    {
        if (args is not ["user", "add", var name, .. var rest] || RoleIn(rest) is not { } role)
        {
            await io.Error.WriteLineAsync(Usage);
            return 2;
        }

        if (!rest.Contains("--password-stdin"))
            await io.Error.WriteLineAsync($"Password for {name} (at least 12 characters, read from standard input):");
        var password = await io.Input.ReadLineAsync(cancel) ?? "";
        var added = await services.GetRequiredService<UserStore>().AddAsync(name, role, password, onlyIfFirst: false, cancel);
        switch (added)
        {
            case UserAdded.Done done:
                await services.GetRequiredService<IAuditLog>().RecordAsync(
                    Environment.UserName, "user.add", $"user {done.User.Name}", $"role {role}, on the server's command line", cancel);
                await io.Output.WriteLineAsync($"{done.User.Name} may sign in as {role}.");
                return 0;
            case UserAdded.Refused refused:
                await io.Error.WriteLineAsync($"No account was made. {refused.Reason}");
                return 1;
            default:
                throw new InvalidOperationException($"{added.GetType().Name} is no ending of adding a user.");
        }
    }

    private static string? RoleIn(string[] rest)
    {
        var named = rest.Where(a => a != "--password-stdin").ToList();
        return named is ["--role", var role] ? role : null;
    }
}

/// <summary>The three streams of a command.</summary>
internal sealed record CommandIO(TextReader Input, TextWriter Output, TextWriter Error);
