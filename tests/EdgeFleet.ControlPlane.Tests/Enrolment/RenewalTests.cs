using System.Net;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

public sealed class RenewalTests : IAsyncLifetime
{
    private readonly ShiftedTime _time = new();
    private RunningControlPlane _plane = null!;
    private IdentityBench _bench = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(services => services.AddSingleton<TimeProvider>(_time));
        _bench = new IdentityBench(_plane, _time);
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public async Task Both_certificates_count_until_the_new_one_is_in_use_and_then_only_that()
    {
        var (status, renewed, _) = await _bench.RenewAsync(_leaf.Certificate);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(_leaf.Id, renewed!.Id);
        Assert.NotEqual(_leaf.Certificate.GetPublicKeyString(), renewed.Certificate.GetPublicKeyString());
        Assert.Equal((200, 200), (await _bench.GetAsync(_leaf.Certificate, "device/v1/self"), await _bench.GetAsync(renewed.Certificate, "device/v1/self")));

        var (code, said, client) = await _bench.ConnectAsync(renewed.Certificate, "leaf-1");
        using (client)
            Assert.True(code == MqttClientConnectResultCode.Success, said);

        Assert.Equal((403, 200), (await _bench.GetAsync(_leaf.Certificate, "device/v1/self"), await _bench.GetAsync(renewed.Certificate, "device/v1/self")));
        var device = await DeviceAsync();
        Assert.Equal(renewed.Certificate.SerialNumber, device.CertificateSerial);
        Assert.Equal(new DateTimeOffset(renewed.Certificate.NotAfter).ToUnixTimeMilliseconds(), device.CertificateEnds);
    }

    [Fact]
    public async Task A_certificate_that_was_replaced_shows_that_there_are_two_and_is_not_let_in()
    {
        var (_, renewed, _) = await _bench.RenewAsync(_leaf.Certificate);
        using var client = (await _bench.ConnectAsync(renewed!.Certificate, "leaf-1")).Client;
        var (code, said, old) = await _bench.ConnectAsync(_leaf.Certificate, "leaf-1");
        old.Dispose();

        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, code);
        Assert.Contains("no longer counts", said, StringComparison.Ordinal);
        Assert.True(client.IsConnected);
        var device = await DeviceAsync();
        Assert.True(device.IsCloned);
        Assert.Contains("edgefleet device release leaf-1", device.QuarantineReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_cloned_device_the_one_that_stands_stays_and_the_other_is_told_why()
    {
        using var first = (await _bench.ConnectAsync(_leaf.Certificate, "leaf-1")).Client;
        await _plane.WithDbAsync(db => db.Set<Device>().ExecuteUpdateAsync(d => d.SetProperty(x => x.IsCloned, true)));
        var (code, said, second) = await _bench.ConnectAsync(_leaf.Certificate, "leaf-1");
        second.Dispose();
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, code);
        Assert.Contains("Another board is connected as leaf-1", said, StringComparison.Ordinal);
        Assert.True(first.IsConnected);
    }

    [Fact]
    public async Task A_board_that_was_away_past_the_end_may_renew_and_nothing_else_until_it_has()
    {
        _time.Shift = TimeSpan.FromDays(400);
        _plane.Services.GetRequiredService<ServerCertificate>().RenewIfDue();

        Assert.Equal(403, await _bench.GetAsync(_leaf.Certificate, "packages/" + new string('0', 64)));
        var refused = await _bench.ConnectAsync(_leaf.Certificate, "leaf-1");
        refused.Client.Dispose();
        Assert.NotEqual(MqttClientConnectResultCode.Success, refused.Code);

        var (status, renewed, said) = await _bench.RenewAsync(_leaf.Certificate);
        Assert.True(status == HttpStatusCode.OK, said);
        var (code, why, client) = await _bench.ConnectAsync(renewed!.Certificate, "leaf-1");
        using (client)
            Assert.True(code == MqttClientConnectResultCode.Success, why);
    }

    [Fact]
    public async Task A_life_of_three_rotations_leaves_one_certificate_that_counts()
    {
        var current = _leaf;
        for (var year = 1; year <= 3; year++)
        {
            _time.Shift = TimeSpan.FromDays(250 * year);
            _plane.Services.GetRequiredService<ServerCertificate>().RenewIfDue();
            var (status, renewed, said) = await _bench.RenewAsync(current.Certificate);
            Assert.True(status == HttpStatusCode.OK, said);
            using var client = (await _bench.ConnectAsync(renewed!.Certificate, "leaf-1")).Client;
            Assert.True(client.IsConnected);
            current = renewed;
        }

        var issued = await _plane.WithDbAsync(db => db.Set<IssuedCertificate>().AsNoTracking().ToListAsync());
        Assert.Equal(4, issued.Count);
        Assert.Equal(current.Certificate.SerialNumber, Assert.Single(issued, c => c.Revoked is null).Serial);
    }

    [Fact]
    public async Task A_key_that_another_device_has_is_not_certified()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var (_, mine, _) = await _bench.RenewAsync(_leaf.Certificate, key);
        Assert.NotNull(mine);
        var other = await _plane.EnrolAsync("leaf-2");
        var (status, _, said) = await _bench.RenewAsync(other.Certificate, key);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("Make a new key", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_does_not_outlive_its_certificate()
    {
        var (_, _, client) = await _bench.ConnectAsync(_leaf.Certificate, "leaf-1");
        using (client)
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            client.DisconnectedAsync += _ =>
            {
                ended.TrySetResult();
                return Task.CompletedTask;
            };
            var worker = ActivatorUtilities.CreateInstance<AdmissionWorker>(_plane.Services);
            await worker.LookAsync(CancellationToken.None);
            Assert.True(client.IsConnected);

            _time.Shift = TimeSpan.FromDays(366);
            await worker.LookAsync(CancellationToken.None);
            await ended.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    private Task<Device> DeviceAsync() => _plane.WithDbAsync(db => db.Set<Device>().AsNoTracking().SingleAsync(d => d.Id == DeviceId.Parse("leaf-1")));
}
