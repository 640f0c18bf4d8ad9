namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>Which door a connection came through. On the connection's features, so that nobody has to compare port numbers.</summary>
/// <param name="IsForDevices">True on the port that asks for a device's certificate.</param>
internal sealed record Listener(bool IsForDevices);

/// <summary>Marks an endpoint that answers on the devices' port, and only there.</summary>
internal sealed class ForDevices;

/// <summary>Keeps the doors apart: what is for devices is not to be found on the people's port, and the other way round.</summary>
internal static class ListenerGate
{
    public static TBuilder OnDevicePort<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new ForDevices());

    /// <summary>Answers 404 at the wrong door. Goes after routing and before everything else.</summary>
    public static IApplicationBuilder UseListenerGate(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        var isForDevices = context.GetEndpoint()?.Metadata.GetMetadata<ForDevices>() is not null;
        if (isForDevices == (context.Features.Get<Listener>()?.IsForDevices ?? false))
            return next(context);

        context.SetEndpoint(null);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });
}
