using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Tests.Connectivity;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Enrolment;

/// <summary>Renewals against a real HTTPS server with client certificates, over years by a clock that is moved.</summary>
public sealed class RenewalTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly RenewalServer _server;
    private readonly IdentityStore _identities;
    private readonly TrustedTime _trusted;

    public RenewalTests()
    {
        _server = new RenewalServer(_time);
        _identities = new IdentityStore(_folder.Path);
        _trusted = new TrustedTime(_folder.Path, _time);
    }

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        _server.Enrol(_identities);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private string Serial => Held(i => i.Certificate.SerialNumber);

    [Fact]
    public async Task A_board_lives_through_three_rotations_each_when_a_third_is_left_and_each_with_a_new_key()
    {
        var board = new HealthBoard(_time);
        using var worker = new RenewalWorker(_identities, _trusted, board, _time, new TestLog<RenewalWorker>());
        var keys = new HashSet<string> { KeyOf() };
        var changes = 0;
        _identities.Changed += () => changes++;
        await worker.StartAsync(CancellationToken.None);
        for (var rotation = 1; rotation <= 3; rotation++)
        {
            var before = Serial;
            // Not before its time.
            await MoveToAsync(TimeSpan.FromDays(200));
            Assert.Equal(before, Serial);
            _server.RenewServer();
            await UntilAsync(() => Serial != before, TimeSpan.FromDays(60));
            keys.Add(KeyOf());
            Assert.Empty(board.Warnings);
        }

        await worker.StopAsync(CancellationToken.None);
        Assert.Equal(4, keys.Count);
        Assert.Equal(4, _server.Issued);
        Assert.True(changes >= 3);
        Assert.Single(Directory.EnumerateFiles(_folder["identity"], "key-*.pem"));
    }

    [Fact]
    public async Task A_new_certificate_that_is_not_let_in_is_given_up_and_the_old_one_stays()
    {
        var before = Serial;
        _server.RefusesNew = "not this one";
        var failed = Assert.IsType<RenewalResult.Failed>(await RenewAsync());
        Assert.Contains("not this one", failed.Reason, StringComparison.Ordinal);
        Assert.True(failed.WasReached);
        Assert.Equal(before, Serial);

        _server.RefusesNew = null;
        Assert.IsType<RenewalResult.Done>(await RenewAsync());
        Assert.NotEqual(before, Serial);
        Assert.Equal(3, _server.Issued);
    }

    [Fact]
    public async Task Without_a_network_the_key_is_kept_and_asks_again()
    {
        var before = Serial;
        await _server.StopAsync();
        var failed = Assert.IsType<RenewalResult.Failed>(await RenewAsync());
        Assert.False(failed.WasReached);
        var kept = File.ReadAllText(_folder["identity", "next.key"]);
        Assert.IsType<RenewalResult.Failed>(await RenewAsync());
        Assert.Equal(kept, File.ReadAllText(_folder["identity", "next.key"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["identity", "next.key"]));
        Assert.Equal(before, Serial);
    }

    [Fact]
    public async Task An_answer_that_was_kept_is_not_asked_for_again()
    {
        using (var inForce = Held(i => i.Certificate.GetECDsaPublicKey()!))
        using (var key = _identities.Next.Key(inForce))
            _identities.Next.Keep(_server.Certify(key));
        var issued = _server.Issued;
        Assert.IsType<RenewalResult.Done>(await RenewAsync());
        Assert.Equal(issued, _server.Issued);
        Assert.Empty(_server.AskedBy);
        Assert.NotEqual(_server.FirstSerial, Serial);
    }

    [Fact]
    public async Task A_refusal_is_a_warning_with_a_remedy_that_goes_with_the_renewal()
    {
        _server.Refuses = "board-1 was shut out.";
        var board = new HealthBoard(_time);
        using var worker = new RenewalWorker(_identities, _trusted, board, _time, new TestLog<RenewalWorker>());
        await worker.StartAsync(CancellationToken.None);
        await MoveToAsync(TimeSpan.FromDays(240));
        Assert.Empty(board.Warnings);
        await UntilAsync(() => board.Warnings.Count > 0, TimeSpan.FromDays(20));
        var warning = Assert.Single(board.Warnings);
        Assert.Equal(RenewalWorker.WarningNotRenewed, warning.Code);
        Assert.Contains("shut out", warning.Text, StringComparison.Ordinal);
        Assert.Contains("enrol TICKET --force", warning.Remedy, StringComparison.Ordinal);
        Assert.True(Held(i => new DateTimeOffset(i.Certificate.NotAfter)) - _time.GetUtcNow() > TimeSpan.FromDays(100));

        _server.Refuses = null;
        await UntilAsync(() => board.Warnings.Count == 0, TimeSpan.FromDays(2));
        await worker.StopAsync(CancellationToken.None);
        Assert.NotEqual(_server.FirstSerial, Serial);
    }

    [Fact]
    public async Task A_board_that_was_off_past_the_end_renews_with_the_certificate_that_is_over()
    {
        _time.Advance(TimeSpan.FromDays(500));
        _server.RenewServer();
        Assert.True(RenewalPolicy.IsOver(Held(i => new DateTimeOffset(i.Certificate.NotAfter)), _trusted.Now));
        Assert.IsType<RenewalResult.Done>(await RenewAsync());
        Assert.Equal([_server.FirstSerial], _server.AskedBy);
        Assert.False(RenewalPolicy.IsDue(Held(i => new DateTimeOffset(i.Certificate.NotBefore)), Held(i => new DateTimeOffset(i.Certificate.NotAfter)), _trusted.Now));
    }

    [Fact]
    public async Task A_server_of_another_authority_gets_no_request()
    {
        await using var other = new RenewalServer(_time);
        await other.StartAsync();
        var stolen = Held(i => i.Assigned);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var folder = new TempFolder();
        var elsewhere = new IdentityStore(folder.Path);
        other.Enrol(elsewhere);
        // The board's identity, with the address of somebody else.
        using var found = ((IdentityFound.Enrolled)elsewhere.Load()).Identity;
        using var mine = ((IdentityFound.Enrolled)_identities.Load()).Identity;
        var result = await new Renewal(_identities, _trusted).RenewAsync(mine with { Assigned = stolen with { Packages = found.Assigned.Packages } }, CancellationToken.None);
        Assert.IsType<RenewalResult.Failed>(result);
        Assert.Empty(other.AskedBy);
        folder.Dispose();
    }

    [Fact]
    public async Task Whoever_reads_the_identity_while_another_comes_into_force_finds_one_of_them_whole()
    {
        using var done = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            for (var read = 0; ; read++)
            {
                Held(i => i.Certificate.SerialNumber);
                if (done.IsCancellationRequested)
                    return read;
            }
        });
        for (var i = 0; i < 50; i++)
            _server.Enrol(_identities);
        await done.CancelAsync();

        Assert.True(await reader > 0);
    }

    private async Task<RenewalResult> RenewAsync()
    {
        using var identity = ((IdentityFound.Enrolled)_identities.Load()).Identity;
        return await new Renewal(_identities, _trusted).RenewAsync(identity, CancellationToken.None);
    }

    private T Held<T>(Func<DeviceIdentity, T> read)
    {
        using var identity = Assert.IsType<IdentityFound.Enrolled>(_identities.Load()).Identity;
        return read(identity);
    }

    private string KeyOf() => Held(i =>
    {
        using var key = i.Certificate.GetECDsaPublicKey()!;
        return Shared.Trust.PublicKey.Of(key).Id;
    });

    private async Task MoveToAsync(TimeSpan by)
    {
        for (var moved = TimeSpan.Zero; moved < by; moved += TimeSpan.FromDays(1))
        {
            _time.Advance(TimeSpan.FromDays(1));
            await Task.Yield();
        }
    }

    // The worker waits on the moved clock and works over a real network: the clock is moved until what must come has come.
    private async Task UntilAsync(Func<bool> holds, TimeSpan within)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (var moved = TimeSpan.Zero; !holds();)
        {
            if (moved < within)
                _time.Advance(TimeSpan.FromHours(6));
            moved += TimeSpan.FromHours(6);
            await tick.WaitForNextTickAsync(patience.Token);
        }
    }
}
