using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.DeviceCommands;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The forms of a device's standing and of commands to it.</summary>
internal static class DeviceForms
{
    public static void Map(IEndpointRouteBuilder forms)
    {
        var devices = forms.MapGroup("/devices/{id}").RequireAuthorization(Policies.Operator);
        devices.MapPost("/standing/{verb}", ChangeAsync);
        devices.MapPost("/commands/{kind}", AskAsync);
        devices.MapPost("/decide/{command}/{verb}", DecideAsync);
    }

    private static async Task<IResult> ChangeAsync(string id, string verb, IFormCollection form, ClaimsPrincipal user, DeviceLife life, Notes notes, CancellationToken cancel)
    {
        if (!DeviceId.TryParse(id, out var device))
            return TypedResults.NotFound();

        var (who, reason) = (Person.Of(user), form["reason"].ToString());
        var ending = verb switch
        {
            "revoke" => await life.RevokeAsync(device, reason, who, cancel),
            "admit" => await life.AdmitAsync(device, reason, who, cancel),
            "quarantine" => await life.QuarantineAsync(device, reason, who, cancel),
            "release" => await life.ReleaseAsync(device, reason, who, cancel),
            "retire" => await life.RetireAsync(device, reason, who, cancel),
            "transfer" => await life.TransferAsync(device, new TransferRequest(form["site"].ToString().Trim(), null, form["title"].ToString().Trim()), who, cancel),
            _ => new DeviceEnding.Refused($"'{verb}' is nothing that can be done to a device."),
        };
        return TypedResults.LocalRedirect(ending switch
        {
            DeviceEnding.Done => $"/devices/{device}",
            DeviceEnding.Refused refused => notes.On($"/devices/{device}", refused.Reason),
            _ => notes.On("/devices", $"There is no device {device}."),
        });
    }

    private static async Task<IResult> AskAsync(string id, string kind, IFormCollection form, ClaimsPrincipal user, CommandDesk desk, Notes notes, CancellationToken cancel) =>
        DeviceId.TryParse(id, out var device)
            ? Answer(device, await desk.AskAsync(device, new CommandRequest(kind, form["reason"].ToString()), Person.Of(user), cancel), notes)
            : TypedResults.NotFound();

    private static async Task<IResult> DecideAsync(string id, string command, string verb, IFormCollection form, ClaimsPrincipal user, CommandDesk desk, Notes notes, CancellationToken cancel)
    {
        _ = form; // Read, so that a form from elsewhere is refused.
        return !DeviceId.TryParse(id, out var device) ? TypedResults.NotFound() : Answer(device, verb switch
        {
            "approve" => await desk.ApproveAsync(command, Person.Of(user), cancel),
            "withdraw" => await desk.WithdrawAsync(command, Person.Of(user), cancel),
            _ => new CommandEnding.Refused($"'{verb}' is nothing that can be done to a command."),
        }, notes);
    }

    private static IResult Answer(DeviceId device, CommandEnding ending, Notes notes) => TypedResults.LocalRedirect(ending switch
    {
        CommandEnding.Done { Command.State: "needs approval" } => notes.On($"/devices/{device}", "Asked for. Somebody else has to approve it here."),
        CommandEnding.Done => $"/devices/{device}#commands",
        CommandEnding.Refused refused => notes.On($"/devices/{device}", refused.Reason),
        _ => notes.On($"/devices/{device}", ((CommandEnding.NotFound)ending).Reason),
    });
}
