using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Tests.Alerts;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing.Packages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

/// <summary>Every operation of the API that changes something is done once, and stands in the audit log afterwards.</summary>
public sealed class AuditedTests : IAsyncLifetime
{
    // What they do stands elsewhere, or is nothing.
    private static readonly Dictionary<string, string> NotAudited = new()
    {
        ["POST /enrol/v1"] = "A board's own act: it stands in the device's history.",
        ["POST /api/packages/missing"] = "It asks, and changes nothing.",
    };

    private readonly Dictionary<string, Func<Task<HttpRequestMessage>>> _deeds = [];
    private readonly TufSigningKey _owner = TufSigningKey.NewEcdsa();
    private RunningControlPlane _plane = null!;
    private int _boards;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        AddPeople();
        AddDevices();
        AddEnrolment();
        AddPackages();
        AddRollouts();
    }

    public ValueTask DisposeAsync()
    {
        _owner.Dispose();
        return _plane.DisposeAsync();
    }

    [Fact]
    public async Task Every_operation_that_changes_something_leaves_an_entry()
    {
        var changing = (await ApiMatrixTests.OperationsAsync(_plane)).Where(o => !o.StartsWith("GET ", StringComparison.Ordinal) && !NotAudited.ContainsKey(o)).ToList();
        Assert.Equal(changing.Order(StringComparer.Ordinal), _deeds.Keys.Order(StringComparer.Ordinal));

        // The root and what it lets be signed come last: from then on packages have to be.
        foreach (var operation in changing.OrderBy(o => o switch { "PUT /api/metadata/root" => 1, "PUT /api/metadata/lists" => 2, _ => 0 }))
        {
            using var request = await _deeds[operation]();
            using var http = await _plane.ProgramAsync(Policies.Admin);
            var before = (await HeadAsync()).Entries;
            using var answer = await http.SendAsync(request, Cancel);
            Assert.True(answer.IsSuccessStatusCode, $"{operation}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
            var entries = await _plane.Services.GetRequiredService<IAuditLog>().ListAsync(before, 10, Cancel);
            Assert.True(entries.Count > 0, $"{operation} left no entry.");
            Assert.All(entries, e => Assert.Equal("a-admin", e.Who));
        }

        Assert.IsType<AuditVerdict.Whole>(await _plane.Services.GetRequiredService<IAuditLog>().VerifyAsync(Cancel));
    }

    private Task<AuditHead> HeadAsync() => _plane.Services.GetRequiredService<IAuditLog>().HeadAsync(Cancel);

    private void AddPeople()
    {
        Add("POST /api/login", async () =>
        {
            await _plane.AddUserAsync("a-admin", Policies.Admin);
            return ("api/login", new LoginRequest("a-admin", PeopleExtensions.Password));
        });
        Add("POST /api/logout", () => Task.FromResult<(string, object?)>(("api/logout", null)));
        Add("POST /api/me/password", () => Task.FromResult<(string, object?)>(("api/me/password", new PasswordRequest(PeopleExtensions.Password, PeopleExtensions.Password))));
        Add("POST /api/users", () => Task.FromResult<(string, object?)>(("api/users", new UserRequest("zoe", Policies.Operator, PeopleExtensions.Password, ["north"]))));
        Add("POST /api/users/{name}/role", async () => ($"api/users/{await UserAsync()}/role", new RoleRequest(Policies.Staff)));
        Add("POST /api/users/{name}/password", async () => ($"api/users/{await UserAsync()}/password", new PasswordRequest("another horse battery")));
        Add("DELETE /api/users/{name}", async () => ($"api/users/{await UserAsync()}", null));
        Add("POST /api/tokens", () => Task.FromResult<(string, object?)>(("api/tokens", new TokenRequest("ci", Policies.Publisher, 7))));
        Add("DELETE /api/tokens/{id}", async () =>
        {
            await UserAsync();
            (await _plane.ProgramAsync(Policies.Viewer)).Dispose();
            return ($"api/tokens/{(await _plane.Services.GetRequiredService<TokenStore>().ListAsync("a-viewer", Cancel))[0].Id}", null);
        });
        Add("POST /api/alerts/{id}/actions", async () =>
        {
            var alert = await (await AlertScene.OfNewDeviceAsync(_plane)).OneAlertAsync();
            return ($"api/alerts/{alert.Id}/actions", new AlertActionRequest("key-1", "acknowledge"));
        });
    }

    private void AddDevices()
    {
        Add("POST /api/devices/{id}/revoke", async () => ($"api/devices/{await BoardAsync()}/revoke", new ReasonRequest("lost")));
        Add("POST /api/devices/{id}/admit", async () => ($"api/devices/{await BoardAsync((life, id, who) => life.RevokeAsync(id, "lost", who, Cancel))}/admit", new ReasonRequest("found")));
        Add("POST /api/devices/{id}/quarantine", async () => ($"api/devices/{await BoardAsync()}/quarantine", new ReasonRequest("odd")));
        Add("POST /api/devices/{id}/release", async () => ($"api/devices/{await BoardAsync((life, id, who) => life.QuarantineAsync(id, "odd", who, Cancel))}/release", new ReasonRequest("well")));
        Add("POST /api/devices/{id}/retire", async () => ($"api/devices/{await BoardAsync()}/retire", new ReasonRequest("sold")));
        Add("POST /api/devices/{id}/transfer", async () => ($"api/devices/{await BoardAsync()}/transfer", new TransferRequest("south", ["wet"], "at the pump")));
        Add("POST /api/devices/{id}/commands", async () => ($"api/devices/{await BoardAsync()}/commands", new CommandRequest(CommandKind.Restart, "slow")));
        Add("POST /api/commands/{command}/approve", async () => ($"api/commands/{await WipeAsync()}/approve", null));
        Add("POST /api/commands/{command}/withdraw", async () => ($"api/commands/{await WipeAsync()}/withdraw", null));
    }

    private void AddEnrolment()
    {
        Add("POST /api/enrolment-tokens", () => Task.FromResult<(string, object?)>(("api/enrolment-tokens", new EnrolmentTokenRequest("north", ["lab"]))));
        Add("POST /api/enrolment-tokens/{id}/withdraw", async () =>
        {
            await _plane.TicketAsync();
            var all = await _plane.Services.GetRequiredService<EdgeFleet.ControlPlane.Enrolment.EnrolmentTokens>().ListAsync(Cancel);
            return ($"api/enrolment-tokens/{all.Max(t => t.Id)}/withdraw", null);
        });
        Add("POST /api/enrolment-asks/{id}/approve", async () => ($"api/enrolment-asks/{await AskAsync()}/approve", new EnrolmentApproval(Site: "north")));
        Add("POST /api/enrolment-asks/{id}/refuse", async () => ($"api/enrolment-asks/{await AskAsync()}/refuse", new ReasonRequest("not ours")));
        Add("POST /api/enrolment-keys", () => Task.FromResult<(string, object?)>(("api/enrolment-keys", new[] { Listed("a key") })));
        Add("DELETE /api/enrolment-keys/{key}", async () =>
        {
            await _plane.Services.GetRequiredService<EdgeFleet.ControlPlane.Enrolment.ListedKeys>().AddAsync([Listed("another")], "ana", Cancel);
            return ($"api/enrolment-keys/{Listed("another").Key}", null);
        });
    }

    private void AddPackages()
    {
        _deeds["PUT /api/packages/files/{digest}"] = () =>
        {
            var bytes = "a file"u8.ToArray();
            return Task.FromResult(new HttpRequestMessage(HttpMethod.Put, $"api/packages/files/{Sha256Digest.Of(bytes)}") { Content = new ByteArrayContent(bytes) });
        };
        Add("POST /api/packages", async () => ("api/packages", new PublishRequest((await UploadAsync("1.0.0")).Ref.Digest.Value, AllowUnproven: false)));
        Add("PUT /api/metadata/root", () => Task.FromResult<(string, object?)>(("api/metadata/root", new RootRequest(Root()))));
        Add("PUT /api/metadata/lists", () =>
        {
            var list = TufTargetsDraft.New(TimeProvider.System.GetUtcNow().AddYears(1));
            list.Sign(_owner);
            return Task.FromResult<(string, object?)>(("api/metadata/lists", new ListsRequest(new Dictionary<string, byte[]> { [TufRoles.Targets] = list.ToBytes() })));
        });
    }

    private void AddRollouts()
    {
        Add("POST /api/rollouts", async () => ("api/rollouts", await PlanAsync("1.1.0")));
        Add("POST /api/rollouts/{id}/pause", async () => ($"api/rollouts/{await RolloutAsync("1.2.0")}/pause", null));
        Add("POST /api/rollouts/{id}/resume", async () => ($"api/rollouts/{await RolloutAsync("1.3.0", "pause")}/resume", null));
        Add("POST /api/rollouts/{id}/abort", async () => ($"api/rollouts/{await RolloutAsync("1.4.0")}/abort", null));
    }

    private void Add(string operation, Func<Task<(string Path, object? Body)>> prepare) => _deeds[operation] = async () =>
    {
        var (path, body) = await prepare();
        return new HttpRequestMessage(new HttpMethod(operation.Split(' ')[0]), path) { Content = body is null ? null : JsonContent.Create(body, body.GetType()) };
    };

    private async Task<string> UserAsync() => (await _plane.AddUserAsync($"user-{++_boards}", Policies.Viewer)).Name;

    private async Task<string> BoardAsync(Func<DeviceLife, DeviceId, Person, Task<DeviceEnding>>? first = null)
    {
        var board = await _plane.EnrolAsync($"board-{++_boards}");
        if (first is not null)
            Assert.IsType<DeviceEnding.Done>(await first(_plane.Services.GetRequiredService<DeviceLife>(), board.Id, new Person("ana", Policies.Operator)));
        return board.Id.Value;
    }

    // Asked for by somebody else than who approves.
    private async Task<string> WipeAsync()
    {
        var desk = _plane.Services.GetRequiredService<EdgeFleet.ControlPlane.DeviceCommands.CommandDesk>();
        var asked = await desk.AskAsync(DeviceId.Parse(await BoardAsync()), new CommandRequest(CommandKind.Wipe, "sold"), new Person("ana", Policies.Operator), Cancel);
        return Assert.IsType<EdgeFleet.ControlPlane.DeviceCommands.CommandEnding.Done>(asked).Command.Id;
    }

    private async Task<long> AskAsync()
    {
        using var board = _plane.People();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var answer = await RunningControlPlane.PostAsync(board, new EnrolmentRequest { Token = "", Csr = TestDevice.Csr(key), Name = $"board-{++_boards}", Hardware = "generic" });
        return (await _plane.Services.GetRequiredService<EdgeFleet.ControlPlane.Enrolment.EnrolmentAsks>().ListAsync(Cancel)).Single(a => a.State == "waiting").Id;
    }

    private static ListedKeySummary Listed(string seed) => new(Sha256Digest.Of(Encoding.UTF8.GetBytes(seed)).Value, Site: "north");

    private async Task<TestPackage> UploadAsync(string version)
    {
        var package = TestPackage.Build(TestPackageSpec.Colours(version));
        foreach (var (digest, bytes) in package.ByDigest)
            Assert.IsType<FileEnding.Stored>(await _plane.Services.GetRequiredService<PackageUploads>().PutAsync(digest, new MemoryStream(bytes), bytes.Length, Cancel));
        return package;
    }

    private byte[] Root()
    {
        var now = TimeProvider.System.GetUtcNow();
        var online = TufKey.FromJson(Encoding.UTF8.GetBytes(_plane.Services.GetRequiredService<PackageMetadata>().Summarise().OnlineKey));
        var root = TufRootDraft.New(now.AddYears(1));
        root.Trust(TufRoles.Root, _owner.Public);
        root.Trust(TufRoles.Targets, _owner.Public);
        root.Trust(TufRoles.Snapshot, online);
        root.Trust(TufRoles.Timestamp, online);
        Assert.True(root.Sign(_owner));
        return root.ToBytes();
    }

    private async Task<RolloutRequest> PlanAsync(string version)
    {
        var package = await UploadAsync(version);
        using var http = await _plane.ProgramAsync(Policies.Publisher);
        using var published = await http.PostAsJsonAsync("api/packages", new PublishRequest(package.Ref.Digest.Value, AllowUnproven: false), Cancel);
        published.EnsureSuccessStatusCode();
        var board = DeviceId.Parse(await BoardAsync());
        await _plane.WithDbAsync(async db =>
        {
            db.Add(new DeviceSlot { Device = board, Slot = SlotName.Parse("leaf"), State = "Idle" });
            return await db.SaveChangesAsync(Cancel);
        });
        return new RolloutRequest(package.Ref.Name, version, "leaf", $"device={board}");
    }

    private async Task<long> RolloutAsync(string version, string? then = null)
    {
        using var http = await _plane.ProgramAsync(Policies.Operator);
        using var started = await http.PostAsJsonAsync("api/rollouts", await PlanAsync(version), Cancel);
        var rollout = (await started.Content.ReadFromJsonAsync(ApiJson.Default.RolloutDetail, Cancel))!.Rollout.Id;
        if (then is not null)
            (await http.PostAsync($"api/rollouts/{rollout}/{then}", null, Cancel)).Dispose();
        return rollout;
    }
}
