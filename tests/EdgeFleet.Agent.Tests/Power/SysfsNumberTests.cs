using EdgeFleet.Agent.Power;
using EdgeFleet.Testing.Boards;

namespace EdgeFleet.Agent.Tests.Power;

public sealed class SysfsNumberTests : IDisposable
{
    private readonly FakeBoard _board = new();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void A_number_is_read_anew_from_an_open_file_without_allocation()
    {
        _board.Number("n", 42);
        using var number = new SysfsNumber(_board.PathOf("n"));
        Assert.True(number.TryRead(out var first));
        _board.Number("n", -7);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var isRead = number.TryRead(out var second);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(isRead);
        Assert.Equal((42, -7, 0), (first, second, allocated));
    }

    [Fact]
    public void A_file_that_fails_on_read_says_so_and_is_opened_anew_when_it_is_well()
    {
        _board.Failing("n");
        using var number = new SysfsNumber(_board.PathOf("n"));
        Assert.False(number.TryRead(out _));
        Assert.Contains("Input/output error", number.Fault, StringComparison.Ordinal);

        _board.Remove("n");
        Assert.False(number.TryRead(out _));
        _board.Number("n", 5);
        Assert.True(number.TryRead(out var value));
        Assert.Equal((5, null), (value, number.Fault));
    }

    [Fact]
    public void What_is_no_number_is_no_reading()
    {
        _board.Text("n", "sleeping");
        using var number = new SysfsNumber(_board.PathOf("n"));
        Assert.False(number.TryRead(out _));
        Assert.Contains("no number", number.Fault, StringComparison.Ordinal);
    }
}
