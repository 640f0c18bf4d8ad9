using System.CommandLine;
using EdgeFleet.Cli.Access;
using EdgeFleet.Cli.Alerts;
using EdgeFleet.Cli.Audit;
using EdgeFleet.Cli.Ca;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Devices;
using EdgeFleet.Cli.Enrolment;
using EdgeFleet.Cli.Keys;
using EdgeFleet.Cli.Models;
using EdgeFleet.Cli.Output;
using EdgeFleet.Cli.Rollouts;

namespace EdgeFleet.Cli;

/// <summary>All commands of the program; its manual page is made of them too.</summary>
internal static class CommandTree
{
    /// <summary>The whole tree.</summary>
    public static RootCommand Create()
    {
        var root = new RootCommand("edgefleet: models, rollouts, devices and alerts of a fleet of boards.")
        {
            LoginCommand.Create(),
            ApiTokenCommand.WhoAmI(),
            TokenCommand.Create(),
            EnrolCommand.Create(),
            CaCommand.Create(),
            KeyCommand.Create(),
            ModelCommand.Create(),
            RolloutCommand.Create(),
            DeviceCommand.Create(),
            AlertCommand.Create(),
            AuditCommand.Create(),
            UserCommand.Create(),
            ApiTokenCommand.Create(),
        };
        ConnectionOptions.AddTo(root);
        OutputOptions.AddTo(root);
        return root;
    }
}
