using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Updates.Budget;

/// <summary>Updates on a link that has little data a day.</summary>
public sealed class BudgetedDownloadTests : IAsyncLifetime
{
    private const long Day = 128 * 1024;
    private static readonly TinyModel Large = TinyModel.OfColours() with { Ballast = (80_000, 1) };
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0", Large));
    private static readonly TestPackage V3 = TestPackage.Build(TestPackageSpec.Colours("3.0.0"));

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _days = new(new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.Zero));
    private readonly SimulatedBoard _board = new();
    private readonly UpdateOptions _options = new() { DayBudgetMb = Day / 1024.0 / 1024 };

    public ValueTask InitializeAsync()
    {
        _board.Server.Serve(V1);
        _board.Server.Serve(V2);
        _board.Server.Serve(V3);
        _board.Install(V1);
        _board.Options = _board.Options with { Deltas = false, DownloadAttemptsMax = 2, StartsMax = 3 };
        _board.Budget = Budget();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _board.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_package_larger_than_a_day_comes_over_several_days_by_parts_and_no_try_is_counted()
    {
        await _board.StartAsync(wish: Wish(V2));
        var days = 1;
        for (; days < 20 && _board.State is not Committed { Target.Rollout: 2 }; days++)
        {
            await _board.UntilAsync(s => _board.Worker.Describe().Held is not null || s is Committed { Target.Rollout: 2 });
            if (_board.State is not Downloading downloading)
                continue;

            Assert.Equal(1, downloading.Attempt);
            Assert.Contains("the download goes on by itself on 2026-", _board.Worker.Describe().Held!, StringComparison.Ordinal);
            var asked = _board.Server.Requests.Count;
            NextDay();
            await _board.UntilAsync(_ => _board.Server.Requests.Count > asked);
        }

        await _board.UntilAsync(s => s is Committed { Target.Rollout: 2 });
        var bytes = V2.ByDigest.Values.Sum(f => (long)f.Length);
        Assert.InRange(days, (int)(bytes / Day), (int)(bytes / Day) + 3);
        Assert.DoesNotContain(_board.Records.Changes, c => c.Failure is not null);
        var model = V2.Manifest.Variants[0].File.Digest;
        Assert.Contains(_board.Server.Requests, r => r.File == model && r is { From: > 0, To: not null });
    }

    [Fact]
    public async Task A_newer_wish_ends_the_wait()
    {
        await _board.StartAsync(wish: Wish(V2));
        await HeldAsync();
        _board.Worker.Offer(new Wish(V1.Ref, 1, 9));
        await _board.UntilAsync(s => s is Committed { Target.Rollout: 9 });
        Assert.Equal(["colours@1.0.0"], _board.Host.Served);
    }

    [Fact]
    public async Task Power_cuts_while_it_waits_give_nothing_up_and_the_day_stays_used_up()
    {
        await _board.StartAsync(wish: Wish(V2));
        await HeldAsync();
        var asked = _board.Server.Requests.Count;
        for (var i = 0; i < 6; i++)
        {
            await _board.KillAsync();
            _board.Budget = Budget();
            await _board.StartAsync(LastEnd.PowerCut, Wish(V2));
            await HeldAsync();
        }

        Assert.Equal(asked, _board.Server.Requests.Count);
        Assert.IsType<Downloading>(_board.State);
    }

    [Fact]
    public async Task A_server_that_gives_no_parts_of_what_is_larger_than_a_day_ends_it()
    {
        _board.Server.Order(Enumerable.Repeat(new ServerFault(IgnoreRange: true), 100));
        await _board.StartAsync(wish: Wish(V2));
        var rejected = await _board.UntilAsync<Rejected>();
        Assert.Equal(FailureKind.Local, rejected.Failure);
        Assert.Contains("the server gives no parts of it", rejected.Reason, StringComparison.Ordinal);
    }

    private DataBudget Budget() => new(_options, new DataBudgetSurroundings(new BoardRoot(_folder.Path), _folder.Path, _days.GetUtcNow, _days));

    private void NextDay()
    {
        for (var minute = 0; minute < 24 * 60; minute++)
            _days.Advance(TimeSpan.FromMinutes(1));
    }

    private async Task HeldAsync() => await _board.UntilAsync(_ => _board.Worker.Describe().Held is not null);

    private static Wish Wish(TestPackage package) => new(package.Ref, 1, 2);
}
