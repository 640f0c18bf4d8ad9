namespace EdgeFleet.ControlPlane.Tests.Data;

/// <summary>Tests that run on SQLite and on PostgreSQL; each derives two classes that say on which.</summary>
public abstract class PlaneTests(PostgresFixture? postgres) : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgefleet-cp-").FullName;
    private readonly List<TestPlane> _open = [];
    private string? _connection;

    internal TestPlane Plane { get; private set; } = null!;

    protected string Folder => _folder;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = postgres is null ? null : await postgres.CreateDatabaseAsync();
        Plane = await OpenAsync();
    }

    /// <summary>Another process on the same database and files; the first may still run.</summary>
    internal async Task<TestPlane> OpenAsync(Action<Microsoft.Extensions.DependencyInjection.IServiceCollection>? configure = null, params (string, string)[] settings)
    {
        var plane = await TestPlane.OpenAsync(_folder, _connection, configure, settings);
        _open.Add(plane);
        return plane;
    }

    /// <summary>Ends the process without a word and starts it again: all that was only in memory is gone.</summary>
    internal async Task RestartAsync()
    {
        await Plane.DisposeAsync();
        _open.Remove(Plane);
        Plane = await OpenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var plane in _open)
            await plane.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }
}
