using System.Net;
using System.Net.Sockets;
using EdgeFleet.ControlPlane.Data;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Tests.Data;

public sealed class DatabaseWorkerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgefleet-data-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SQLite_runs_with_a_log_beside_the_file_and_with_commits_that_are_on_disk()
    {
        await using var plane = await TestPlane.OpenAsync(_folder, null);
        await using var db = await plane.DbAsync();

        Assert.Equal("wal", await PragmaAsync(db, "journal_mode"));
        Assert.Equal("2", await PragmaAsync(db, "synchronous"));
        Assert.Equal("10000", await PragmaAsync(db, "busy_timeout"));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_named_without_the_password()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();

        var fault = await Assert.ThrowsAsync<DatabaseFault>(() => TestPlane.OpenAsync(_folder, $"Host=127.0.0.1;Port={port};Username=u;Password=secret-word;Database=fleet"));
        Assert.Contains("does not answer", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"{port}", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-word", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_left_as_it_is_and_named()
    {
        var path = Path.Combine(_folder, "fleet.db");
        var text = new string('x', 5000);
        await File.WriteAllTextAsync(path, text, Cancel);

        var fault = await Assert.ThrowsAsync<DatabaseFault>(() => TestPlane.OpenAsync(_folder, null));
        Assert.Contains("damaged or is no SQLite database", fault.Message, StringComparison.Ordinal);
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        Assert.Equal(text, await File.ReadAllTextAsync(path, Cancel));
    }

    [Theory]
    [InlineData(8, "read-only")]
    [InlineData(13, "disk is full")]
    [InlineData(14, "must exist and be writable")]
    [InlineData(5, "Stop the other control plane")]
    public void Each_fault_of_SQLite_says_what_to_do(int code, string remedy) =>
        Assert.Contains(remedy, DatabaseFault.Of(new DbUpdateException("x", new SqliteException("x", code)), "'main' at fleet.db").Message, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_provider_or_a_missing_connection_is_refused()
    {
        Assert.Throws<OptionsValidationException>(() => Validate("oracle", ""));
        Assert.Throws<OptionsValidationException>(() => Validate("postgres", ""));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Validate(string provider, string connection)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Database:Provider"] = provider, ["Database:Connection"] = connection }).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddData(configuration).BuildServiceProvider();
        _ = services.GetRequiredService<IOptions<DatabaseOptions>>().Value;
    }

    private static async Task<string> PragmaAsync(FleetContext db, string name)
    {
        await db.Database.OpenConnectionAsync(Cancel);
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {name}";
        return $"{await command.ExecuteScalarAsync(Cancel)}";
    }
}
