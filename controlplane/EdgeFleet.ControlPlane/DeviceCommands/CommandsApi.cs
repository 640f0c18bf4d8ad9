using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.DeviceCommands;

/// <summary>Registers and maps commands to devices.</summary>
internal static class CommandsApi
{
    public static IServiceCollection AddCommands(this IServiceCollection services) => services.AddSingleton<CommandDesk>();

    public static IEndpointRouteBuilder MapCommands(this IEndpointRouteBuilder routes)
    {
        var device = routes.MapGroup("/api/devices/{id}/commands").WithTags("Commands");
        device.MapGet("/", ListAsync).RequireAuthorization(Policies.Viewer).WithSummary("Commands of a device, the newest first");
        device.MapPost("/", AskAsync).RequireAuthorization(Policies.Operator).WithSummary("Tells a device to restart its agent, or to wipe itself, which a second person has to approve");
        var commands = routes.MapGroup("/api/commands").WithTags("Commands");
        commands.MapGet("/", async (CommandDesk desk, CancellationToken cancel) => TypedResults.Ok(await desk.ListAsync(null, cancel)))
            .RequireAuthorization(Policies.Viewer).WithSummary("Commands of all devices, the newest first");
        commands.MapPost("/{command}/approve", async (string command, ClaimsPrincipal user, CommandDesk desk, CancellationToken cancel) =>
            Answer(await desk.ApproveAsync(command, Person.Of(user), cancel))).RequireAuthorization(Policies.Operator).WithSummary("Approves a command as the second person");
        commands.MapPost("/{command}/withdraw", async (string command, ClaimsPrincipal user, CommandDesk desk, CancellationToken cancel) =>
            Answer(await desk.WithdrawAsync(command, Person.Of(user), cancel))).RequireAuthorization(Policies.Operator).WithSummary("Takes a command back that the device has not answered");
        return routes;
    }

    private static async Task<Results<Ok<IReadOnlyList<CommandSummary>>, ProblemHttpResult>> ListAsync(string id, CommandDesk desk, CancellationToken cancel) =>
        DeviceId.TryParse(id, out var device) ? TypedResults.Ok(await desk.ListAsync(device, cancel)) : NoDevice(id);

    private static async Task<Results<Ok<CommandSummary>, ProblemHttpResult>> AskAsync(string id, CommandRequest request, ClaimsPrincipal user, CommandDesk desk, CancellationToken cancel) =>
        DeviceId.TryParse(id, out var device) ? Answer(await desk.AskAsync(device, request, Person.Of(user), cancel)) : NoDevice(id);

    private static Results<Ok<CommandSummary>, ProblemHttpResult> Answer(CommandEnding ending) => ending switch
    {
        CommandEnding.Done done => TypedResults.Ok(done.Command),
        CommandEnding.Refused refused => TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status409Conflict, title: "Not done"),
        CommandEnding.NotFound missing => TypedResults.Problem(missing.Reason, statusCode: StatusCodes.Status404NotFound),
        _ => throw new InvalidOperationException($"{ending.GetType().Name} is no ending of a command."),
    };

    private static ProblemHttpResult NoDevice(string id) => TypedResults.Problem($"There is no device '{id}'.", statusCode: StatusCodes.Status404NotFound);
}
