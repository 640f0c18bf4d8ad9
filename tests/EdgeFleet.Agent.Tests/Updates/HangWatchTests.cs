using System.Net.Sockets;
using System.Text;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Updates;

public sealed class HangWatchTests : IDisposable
{
    private static readonly SlotName Leaf = SlotName.Parse("leaf");
    private static readonly PackageRef Model = new() { Name = "coffee", Version = "2.0.0", Digest = Sha256Digest.Of("coffee"u8), Size = 1 };
    private static readonly HangPolicy Policy = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly SlotProgress _progress = new();
    private readonly List<int> _exits = [];
    private readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly HealthBoard _health;
    private readonly SystemdWatchdog _watchdog;

    public HangWatchTests()
    {
        _health = new HealthBoard(_time);
        _systemd.Bind(new UnixDomainSocketEndPoint(_folder["notify"]));
        _watchdog = new SystemdWatchdog(_time, _folder["notify"], "20000000");
    }

    public void Dispose()
    {
        _watchdog.Dispose();
        _systemd.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0, nameof(HangVerdict.Fine))]
    [InlineData(34.9, nameof(HangVerdict.Fine))]
    [InlineData(35, nameof(HangVerdict.Hangs))]
    [InlineData(59.9, nameof(HangVerdict.Hangs))]
    [InlineData(60, nameof(HangVerdict.Lost))]
    public void A_stay_is_judged_by_the_runs_own_deadline_and_the_grace_after_it(double seconds, string verdict) =>
        Assert.Equal(verdict, Policy.Judge(TimeSpan.FromSeconds(seconds)).ToString());

    [Fact]
    public void A_slot_that_hangs_is_reported_then_noted_on_disk_and_the_process_ends()
    {
        var watch = Watch();
        _progress.Begin(Model, _time.GetTimestamp());
        Pass(watch, 34);
        Assert.Empty(_health.Warnings);

        Pass(watch, 2);
        var warning = Assert.Single(_health.Warnings);
        Assert.Equal((HangWatch.Warning, Leaf), (warning.Code, warning.Slot));
        Assert.Contains("coffee@2.0.0", warning.Text, StringComparison.Ordinal);
        Assert.Empty(_exits);

        Pass(watch, 30);
        Assert.Contains(HangWatch.ExitCode, _exits);
        Assert.Equal(("coffee@2.0.0", Leaf), (Store().LastHang()!.Model, Store().LastHang()!.Slot));
    }

    [Fact]
    public void A_slow_run_that_comes_back_clears_the_warning()
    {
        var watch = Watch();
        _progress.Begin(Model, _time.GetTimestamp());
        Pass(watch, 40);
        Assert.Single(_health.Warnings);

        _progress.End();
        Pass(watch, 1);

        Assert.Empty(_health.Warnings);
        Assert.Empty(_exits);
    }

    [Fact]
    public async Task The_process_after_it_says_what_hung_until_the_slot_answers()
    {
        Store().SaveProcess("boot", stopped: false);
        Store().SaveHang(new HungRun { Slot = Leaf, Model = Model.Label, Seconds = 60 });
        Assert.Equal(LastEnd.Crash, Store().LastEndOf("boot"));
        using var watch = Watch();
        await watch.StartAsync(TestContext.Current.CancellationToken);
        Assert.Contains("did not come back", Assert.Single(_health.Warnings).Text, StringComparison.Ordinal);

        _progress.Begin(Model, _time.GetTimestamp());
        _progress.End();
        Pass(watch, 1);

        Assert.Empty(_health.Warnings);
        await watch.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Systemd_is_told_that_all_is_well_while_models_come_back_and_not_when_one_hangs()
    {
        var watch = Watch();
        Pass(watch, 20);
        Assert.InRange(Received(), 2, 3); // Every 9 to 10 of the 20 seconds that the unit gives.

        _progress.Begin(Model, _time.GetTimestamp());
        Pass(watch, 34);
        Assert.InRange(Received(), 3, 4);
        Pass(watch, 25);
        Assert.InRange(Received(), 0, 1);
    }

    private HangWatch Watch() => new([(Leaf, _progress)], Policy, new HangSurroundings(Store(), _health, _watchdog, _exits.Add, _time, NullLogger<HangWatch>.Instance));

    private UpdateStore Store() => new(_folder.Path, _health, _time);

    private void Pass(HangWatch watch, int seconds)
    {
        for (var i = 0; i < seconds; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            watch.Look();
        }
    }

    private int Received()
    {
        var (count, buffer) = (0, new byte[64]);
        while (_systemd.Available > 0)
        {
            Assert.Equal("WATCHDOG=1", Encoding.ASCII.GetString(buffer, 0, _systemd.Receive(buffer)));
            count++;
        }

        return count;
    }
}
