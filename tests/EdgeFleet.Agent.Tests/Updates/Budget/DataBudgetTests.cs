using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Files;
using EdgeFleet.Testing;
using Microsoft.Extensions.Time.Testing;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Agent.Tests.Updates.Budget;

public sealed class DataBudgetTests : IDisposable
{
    private const long Mb = 1024 * 1024;

    private readonly TempFolder _folder = new();
    private readonly CountingDisk _disk = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 22, 0, 0, TimeSpan.Zero));
    private readonly UpdateOptions _options = new() { DayBudgetMb = 100, DayBudgetMeteredMb = 10 };

    public DataBudgetTests() => Route("wwan0");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_day_has_its_bytes_by_kind_of_link_and_the_next_day_has_them_again()
    {
        var budget = Open();
        Assert.Equal(10 * Mb, budget.Left());
        Assert.True(budget.Spend(9 * Mb));
        Assert.Equal(Mb, budget.Left());
        Assert.False(budget.Spend(Mb));
        Assert.Equal(0, budget.Left());
        Assert.Contains("10 MB for downloads over the metered link wwan0 are used up (Updates:DayBudgetMeteredMb)", budget.Why(), StringComparison.Ordinal);
        Assert.Contains("2026-11-25 at 00:00", budget.Why(), StringComparison.Ordinal);

        Route("eth0");
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(100 * Mb, budget.Left());

        Route("wwan0");
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(10 * Mb, budget.Left());
    }

    [Fact]
    public void The_day_is_the_board_s_own()
    {
        _time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("Manila", TimeSpan.FromHours(8), "Manila", "Manila"));
        var budget = Open();
        Assert.False(budget.Spend(10 * Mb)); // Six in the morning of the 25th.
        _time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(0, budget.Left());
        _time.Advance(TimeSpan.FromHours(15));
        Assert.Equal(10 * Mb, budget.Left());
    }

    [Fact]
    public void A_power_cut_costs_no_more_than_was_noted_ahead_and_gives_nothing_back()
    {
        var budget = Open();
        for (var i = 0; i < 100; i++)
            budget.Spend(40_000);

        var after = Open().Left();
        Assert.InRange(after, 10 * Mb - 4_000_000 - DataBudgetPolicy.Ahead(10 * Mb), 10 * Mb - 4_000_000);
        Assert.True(_disk.Syncs is > 2 and < 60, $"{_disk.Syncs} syncs for 100 pieces.");

        budget.Settle();
        Assert.Equal(10 * Mb - 4_000_000, Open().Left());
    }

    [Fact]
    public void A_clock_that_goes_back_gives_nothing_back()
    {
        Open().Spend(10 * Mb);
        Assert.Equal(0, Open(_time.GetUtcNow().AddHours(-30)).Left());
        // One that was years ahead does not hold the board for years.
        Assert.Equal(0, Open(_time.GetUtcNow().AddYears(-5)).Left());
        var mended = Open(_time.GetUtcNow().AddYears(-5));
        Assert.False(mended.Spend(1));
        Assert.Equal(10 * Mb, Open(_time.GetUtcNow().AddYears(-5).AddDays(1)).Left());
    }

    [Fact]
    public void What_is_too_little_for_a_request_counts_as_used_up()
    {
        var budget = Open();
        budget.Spend(10 * Mb - 1000);
        Assert.Equal(0, budget.Left());
    }

    [Fact]
    public void Without_a_budget_nothing_is_counted_and_nothing_is_written()
    {
        var budget = new DataBudget(new UpdateOptions(), Around(_time.GetUtcNow));
        Assert.True(budget.Spend(1000 * Mb));
        budget.Settle();
        Assert.Equal(long.MaxValue, budget.Left());
        Assert.Equal(0, _disk.Syncs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{\"v\":9,\"bytes\":5}")]
    [InlineData("{\"v\":1,\"day\":\"2026-11-24\",\"bytes\":-5,\"meteredBytes\":0}")]
    public void A_count_that_cannot_be_read_begins_anew(string text)
    {
        Open().Spend(5 * Mb);
        File.WriteAllText(_folder["updates", ".data.json"], text);
        Assert.Equal(10 * Mb, Open().Left());
    }

    [Fact]
    public async Task Who_waits_goes_on_with_the_new_day_or_over_another_link()
    {
        var budget = Open();
        budget.Spend(10 * Mb);
        var waiting = budget.OpenAsync(TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        for (var i = 0; i < 200 && !waiting.IsCompleted; i++)
            _time.Advance(TimeSpan.FromMinutes(1));
        await waiting;
        Assert.Equal(25, _time.GetUtcNow().Day);

        budget.Spend(10 * Mb);
        waiting = budget.OpenAsync(TestContext.Current.CancellationToken);
        Route("eth0");
        for (var i = 0; i < 3 && !waiting.IsCompleted; i++)
            _time.Advance(TimeSpan.FromMinutes(1));
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    private DataBudget Open(DateTimeOffset? now = null) => new(_options, Around(now is { } at ? () => at : _time.GetUtcNow));

    private DataBudgetSurroundings Around(Func<DateTimeOffset> now) => new(new BoardRoot(_folder.Path), _folder.Path, now, _time) { Disk = _disk };

    private void Route(string link)
    {
        Directory.CreateDirectory(_folder["proc", "net"]);
        File.WriteAllText(_folder["proc", "net", "route"], $"Iface\tDestination\tGateway\n{link}\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n");
    }

    private sealed class CountingDisk : FileCalls
    {
        public int Syncs { get; private set; }

        public override void Sync(SafeFileHandle file, string path)
        {
            Syncs++;
            base.Sync(file, path);
        }
    }
}
