using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>How <c>enrol</c> was called.</summary>
internal sealed record EnrolCall(string Ticket, string? Name, bool IsForced, bool Replaces)
{
    /// <summary>Takes the arguments apart.</summary>
    /// <returns>What is wrong with the call; null when it is right.</returns>
    public static string? Parse(string[] args, out EnrolCall call)
    {
        var (ticket, name, isForced, replaces) = ("", default(string), false, false);
        call = new EnrolCall("", null, false, false);
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            if (arg == "--force")
                isForced = true;
            else if (arg == "--replace")
                replaces = true;
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

        call = new EnrolCall(ticket, name, isForced, replaces);
        if (ticket.Length == 0)
            return "the ticket is missing.";
        if (replaces && name is null)
            return "--replace needs --name: the id that this board is to take over.";
        return name is not null && !DeviceId.TryParse(name, out _)
            ? $"'{name}' is not a name for a device: 3 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit."
            : null;
    }
}
