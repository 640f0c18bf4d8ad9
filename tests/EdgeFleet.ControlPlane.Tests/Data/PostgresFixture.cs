using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace EdgeFleet.ControlPlane.Tests.Data;

/// <summary>One PostgreSQL for all tests of the assembly, started when the first one asks.</summary>
public sealed class PostgresFixture : IAsyncDisposable
{
    private readonly Lazy<Task<PostgresServer?>> _server = new(PostgresServer.StartAsync);

    /// <summary>Connection to a new, empty database; skips the test where PostgreSQL is not installed.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var server = await _server.Value;
        Assert.SkipWhen(server is null, "PostgreSQL is not installed (initdb and pg_ctl were looked for on PATH and under /usr/lib/postgresql): apt-get install postgresql");
        return await server!.CreateDatabaseAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server.IsValueCreated && await _server.Value is { } server)
            await server.DisposeAsync();
    }
}
