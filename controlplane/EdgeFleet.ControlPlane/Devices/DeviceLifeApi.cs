using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>HTTP of a device's standing: shut out, admit, quarantine, release, transfer, retire.</summary>
internal static class DeviceLifeApi
{
    /// <summary>Maps <c>/api/devices/{id}/revoke</c> and its neighbours.</summary>
    public static void Map(IEndpointRouteBuilder devices)
    {
        Verb(devices, "revoke", "Shuts a device out at once: its connection is cut and no certificate of it counts any more", (life, id, reason, who, cancel) => life.RevokeAsync(id, reason, who, cancel));
        Verb(devices, "admit", "Lets a device in again that was shut out", (life, id, reason, who, cancel) => life.AdmitAsync(id, reason, who, cancel));
        Verb(devices, "quarantine", "Marks a device as not to be trusted for now; it goes on working", (life, id, reason, who, cancel) => life.QuarantineAsync(id, reason, who, cancel));
        Verb(devices, "release", "Ends a quarantine", (life, id, reason, who, cancel) => life.ReleaseAsync(id, reason, who, cancel));
        Verb(devices, "retire", "Takes a device out of service for good; its history stays", (life, id, reason, who, cancel) => life.RetireAsync(id, reason, who, cancel));
        devices.MapPost("/{id}/transfer", (string id, TransferRequest request, ClaimsPrincipal user, DeviceLife life, CancellationToken cancel) =>
            AnswerAsync(id, device => life.TransferAsync(device, request, Person.Of(user), cancel)))
            .RequireAuthorization(Policies.Operator).WithSummary("Gives a device another site, other tags or another name for people; its id stays");
    }

    private static void Verb(
        IEndpointRouteBuilder devices, string verb, string summary, Func<DeviceLife, DeviceId, string?, Person, CancellationToken, Task<DeviceEnding>> act) =>
        devices.MapPost($"/{{id}}/{verb}", (string id, ReasonRequest request, ClaimsPrincipal user, DeviceLife life, CancellationToken cancel) =>
            AnswerAsync(id, device => act(life, device, request.Reason, Person.Of(user), cancel)))
            .RequireAuthorization(Policies.Operator).WithSummary(summary);

    private static async Task<Results<Ok<DeviceSummary>, ProblemHttpResult>> AnswerAsync(string id, Func<DeviceId, Task<DeviceEnding>> act) =>
        !DeviceId.TryParse(id, out var device) ? NotFound(id) : await act(device) switch
        {
            DeviceEnding.Done done => TypedResults.Ok(done.Device),
            DeviceEnding.Refused refused => TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status409Conflict, title: "Not done"),
            _ => NotFound(id),
        };

    private static ProblemHttpResult NotFound(string id) =>
        TypedResults.Problem($"There is no device '{id}'. GET /api/devices lists those there are.", statusCode: StatusCodes.Status404NotFound);
}
