using EdgeFleet.ControlPlane.Tests.Hosting;

namespace EdgeFleet.ControlPlane.Tests.Access;

/// <summary>One control plane for a class of tests.</summary>
public sealed class PlaneFixture : IAsyncLifetime
{
    internal RunningControlPlane Plane { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Plane = await RunningControlPlane.StartAsync();

    public ValueTask DisposeAsync() => Plane.DisposeAsync();
}
