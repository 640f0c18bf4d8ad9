using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>HTTP of devices.</summary>
internal static class DevicesApi
{
    private const double HoursMax = 24 * 31;

    /// <summary>Maps <c>/api/devices</c>.</summary>
    public static IEndpointRouteBuilder MapDevices(this IEndpointRouteBuilder routes)
    {
        var devices = routes.MapGroup("/api/devices").RequireAuthorization(Policies.Viewer).WithTags("Devices");
        devices.MapGet("/", ListAsync).WithSummary("Devices, all or those a selector chooses");
        devices.MapGet("/{id}", FindAsync).WithSummary("One device: slots, warnings, streams, history");
        DeviceLifeApi.Map(devices);
        devices.MapGet("/{id}/telemetry", TelemetryAsync).WithSummary("Minute rows of a slot, oldest first");
        return routes;
    }

    private static async Task<Results<Ok<IReadOnlyList<DeviceSummary>>, ProblemHttpResult>> ListAsync(DeviceQueries queries, string? selector, bool? retired, CancellationToken cancel) =>
        DeviceSelector.TryParse(selector ?? "all", out var parsed, out var error)
            ? TypedResults.Ok(await queries.SelectAsync(parsed, cancel, retired ?? false))
            : Problem(error, StatusCodes.Status400BadRequest);

    private static async Task<Results<Ok<DeviceDetail>, ProblemHttpResult>> FindAsync(DeviceQueries queries, string id, CancellationToken cancel) =>
        DeviceId.TryParse(id, out var device) && await queries.FindAsync(device, cancel) is { } found ? TypedResults.Ok(found) : NotFound(id);

    private static async Task<Results<Ok<SlotTelemetry>, ProblemHttpResult>> TelemetryAsync(DeviceQueries queries, string id, string slot, double? hours, CancellationToken cancel)
    {
        if (!SlotName.TryParse(slot, out var name))
            return Problem($"'{slot}' is not a slot name: 1 to 32 characters of a-z, 0-9 and '-'.", StatusCodes.Status400BadRequest);
        if (hours is not (null or (> 0 and <= HoursMax)))
            return Problem($"'hours' must be above 0 and at most {HoursMax}.", StatusCodes.Status400BadRequest);

        return DeviceId.TryParse(id, out var device) && await queries.TelemetryAsync(device, name, hours ?? 24, cancel) is { } found
            ? TypedResults.Ok(found)
            : NotFound(id);
    }

    private static ProblemHttpResult NotFound(string id) =>
        Problem($"There is no device '{id}'. GET /api/devices lists those there are.", StatusCodes.Status404NotFound);

    private static ProblemHttpResult Problem(string detail, int status) => TypedResults.Problem(detail, statusCode: status);
}
