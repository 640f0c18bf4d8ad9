using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Backup;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Files;
using EdgeFleet.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Tests.Backup;

/// <summary>Everything into one file and back, on both databases, and what is refused on the way.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private PostgresServer? _postgres;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _postgres = await PostgresServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _folder.Dispose();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
    }

    [Theory, InlineData(DatabaseOptions.Sqlite), InlineData(DatabaseOptions.Postgres)]
    public async Task A_fleet_comes_back_as_it_was(string provider)
    {
        Assert.SkipWhen(provider == DatabaseOptions.Postgres && _postgres is null, "PostgreSQL is not installed.");
        var (from, to) = (await DatabaseAsync(provider), await DatabaseAsync(provider));
        var blob = await MakeAsync(from);

        var pin = "";
        await using (var restored = await StartAsync(to, () => RestoreAsync(to)))
        {
            pin = restored.Authority.Pin.Value;
            Assert.NotNull(await restored.Services.GetRequiredService<UserStore>().VerifyAsync("a-operator", PeopleExtensions.Password, Cancel));
            Assert.Equal("board-1", await restored.WithDbAsync(db => db.Set<EdgeFleet.ControlPlane.Devices.Device>().Select(d => d.Id.Value).SingleAsync()));
            Assert.IsType<AuditVerdict.Whole>(await restored.Services.GetRequiredService<IAuditLog>().VerifyAsync(Cancel));
            Assert.True(new ContentStore(_folder["to", "blobs"]).Has(blob));
        }

        Assert.Equal(File.ReadAllText(_folder["from", "ca", "ca.pem"]), File.ReadAllText(_folder["to", "ca", "ca.pem"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["to", "signing.key"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["to", "ca"]));
        Assert.NotEmpty(pin);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder["to"]), p => Path.GetFileName(p).StartsWith(".restoring", StringComparison.Ordinal));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder["from"]), p => Path.GetFileName(p).StartsWith(".backup", StringComparison.Ordinal));
    }

    [Theory, InlineData(DatabaseOptions.Sqlite), InlineData(DatabaseOptions.Postgres)]
    public async Task What_was_there_is_replaced_only_on_demand_and_is_kept(string provider)
    {
        Assert.SkipWhen(provider == DatabaseOptions.Postgres && _postgres is null, "PostgreSQL is not installed.");
        var (from, to) = (await DatabaseAsync(provider), await DatabaseAsync(provider));
        await MakeAsync(from);
        await using (var other = await StartAsync(to))
            await other.AddUserAsync("zoe", Policies.Admin);
        var ca = File.ReadAllText(_folder["to", "ca", "ca.pem"]);

        var (code, said) = await RunAsync(to, "restore", _folder["fleet.tar"]);
        Assert.Equal(1, code);
        Assert.Contains("With --replace it is put aside", said, StringComparison.Ordinal);
        Assert.Equal(ca, File.ReadAllText(_folder["to", "ca", "ca.pem"]));

        (code, said) = await RunAsync(to, "restore", _folder["fleet.tar"], "--replace");
        Assert.True(code == 0, said);
        var aside = Assert.Single(Directory.EnumerateDirectories(_folder["to"], "before-restore-*"));
        Assert.Equal(ca, File.ReadAllText(Path.Combine(aside, "ca", "ca.pem")));
        await using var restored = await StartAsync(to);
        Assert.Null(await restored.Services.GetRequiredService<UserStore>().FindAsync("zoe", Cancel));
        Assert.NotNull(await restored.Services.GetRequiredService<UserStore>().FindAsync("a-operator", Cancel));
    }

    [Fact]
    public async Task A_running_control_plane_is_not_restored_over_and_no_backup_is_written_over_another()
    {
        var from = await DatabaseAsync(DatabaseOptions.Sqlite);
        await MakeAsync(from);
        var (code, said) = await RunAsync(from, "backup", _folder["fleet.tar"]);
        Assert.Equal((1, true), (code, said.Contains("is there already", StringComparison.Ordinal)));

        await using var running = await StartAsync(from);
        (code, said) = await RunAsync(from, "restore", _folder["fleet.tar"], "--replace");
        Assert.Equal((1, true), (code, said.Contains("A control plane runs on", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_database_of_the_other_kind_is_refused_with_what_to_set()
    {
        Assert.SkipWhen(_postgres is null, "PostgreSQL is not installed.");
        await MakeAsync(await DatabaseAsync(DatabaseOptions.Sqlite));
        var (code, said) = await RunAsync(await DatabaseAsync(DatabaseOptions.Postgres, "to"), "restore", _folder["fleet.tar"]);
        Assert.Equal(1, code);
        Assert.Contains("Set Database:Provider to 'sqlite'", said, StringComparison.Ordinal);
        Assert.Empty(BackupContents.Present(new DataFolder(_folder["to"])));
    }

    [Fact]
    public async Task A_file_that_the_disk_has_spoilt_is_named_and_left_out()
    {
        var from = await DatabaseAsync(DatabaseOptions.Sqlite);
        var blob = await MakeAsync(from);
        File.Delete(_folder["fleet.tar"]);
        File.AppendAllText(new ContentStore(_folder["from", "blobs"]).PathOf(blob), "!");
        var (code, said) = await RunAsync(from, "backup", _folder["fleet.tar"]);
        Assert.Equal(0, code);
        Assert.Contains($"Left out: {new ContentStore(_folder["from", "blobs"]).PathOf(blob)} is damaged", said, StringComparison.Ordinal);
    }

    private string _next = "from";

    // The first one is backed up, the second one restored into.
    private async Task<JsonObject> DatabaseAsync(string provider, string? name = null)
    {
        var settings = new JsonObject { ["name"] = name ?? _next };
        _next = "to";
        if (provider == DatabaseOptions.Postgres)
            settings["Database"] = new JsonObject { ["Provider"] = provider, ["Connection"] = await _postgres!.CreateDatabaseAsync() };
        return settings;
    }

    // A fleet with a person, a board, entries of the audit log and a photo, and its backup.
    private async Task<EdgeFleet.Shared.Identity.Sha256Digest> MakeAsync(JsonObject from)
    {
        await using var plane = await StartAsync(from);
        using var http = await plane.ProgramAsync(Policies.Operator);
        await plane.EnrolAsync("board-1");
        using var done = await http.PostAsync("api/logout", null, Cancel);
        var blob = new ContentStore(_folder["from", "blobs"]).Add("a photo"u8);
        // Beside the running one, as an operator would.
        var (code, said) = await RunAsync(from, "backup", _folder["fleet.tar"]);
        Assert.True(code == 0, said);
        return blob;
    }

    private async Task RestoreAsync(JsonObject to)
    {
        var (code, said) = await RunAsync(to, "restore", _folder["fleet.tar"]);
        Assert.True(code == 0, said);
        Assert.Contains("Boards that are ahead of the backup keep what they run", said, StringComparison.Ordinal);
    }

    private async Task<RunningControlPlane> StartAsync(JsonObject settings, Func<Task>? before = null)
    {
        if (before is not null)
            await before();
        var own = settings.DeepClone().AsObject();
        own.Remove("name");
        return await RunningControlPlane.StartAsync(settings: own, dataFolder: _folder[(string)settings["name"]!]);
    }

    private async Task<(int Code, string Said)> RunAsync(JsonObject settings, params string[] words)
    {
        var own = settings.DeepClone().AsObject();
        own.Remove("name");
        own["ControlPlane"] = new JsonObject { ["DataFolder"] = _folder[(string)settings["name"]!] };
        own["Logging"] = new JsonObject { ["Level"] = "Error" };
        var file = _folder["command.json"];
        await File.WriteAllTextAsync(file, own.ToJsonString(), Cancel);
        await using var services = BackupHost.Build(file);
        using var said = new StringWriter();
        var io = new CommandIO(TextReader.Null, said, said);
        var code = words[0] == BackupCommand.Name ? await BackupCommand.RunAsync(words, services, io, Cancel) : await RestoreCommand.RunAsync(words, services, io, Cancel);
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        return (code, said.ToString());
    }
}
