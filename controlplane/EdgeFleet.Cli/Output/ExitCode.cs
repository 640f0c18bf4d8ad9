using System.Net;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Output;

/// <summary>What the program says to scripts.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int NotAllowed = 4;
    public const int TimedOut = 5;
    public const int RolloutFailed = 6;

    /// <summary>The code for a request that was refused.</summary>
    public static int Of(FleetApiException refused) => refused.Status switch
    {
        HttpStatusCode.NotFound => NotFound,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => NotAllowed,
        HttpStatusCode.RequestTimeout or HttpStatusCode.GatewayTimeout => TimedOut,
        _ => Failed,
    };
}
