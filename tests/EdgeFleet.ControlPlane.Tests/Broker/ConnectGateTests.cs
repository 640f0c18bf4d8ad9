using System.IO.Pipelines;
using EdgeFleet.ControlPlane.Broker;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>Nothing is made for a connection before its whole CONNECT is there.</summary>
public sealed class ConnectGateTests
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(5);
    private static readonly byte[] Connect = [0x10, 0x03, 1, 2, 3];
    private readonly Pipe _pipe = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_whole_CONNECT_passes_and_is_still_there_for_whoever_reads_next()
    {
        await _pipe.Writer.WriteAsync(Connect);

        Assert.True(await ConnectGate.HasArrivedAsync(_pipe.Reader, Within, _time));

        var read = await _pipe.Reader.ReadAsync();
        Assert.Equal(Connect, System.Buffers.BuffersExtensions.ToArray(read.Buffer));
    }

    [Fact]
    public async Task A_CONNECT_that_comes_byte_by_byte_passes_at_the_last_one()
    {
        var gate = ConnectGate.HasArrivedAsync(_pipe.Reader, Within, _time);
        foreach (var one in Connect[..^1])
            await _pipe.Writer.WriteAsync(new[] { one });
        Assert.False(gate.IsCompleted);

        await _pipe.Writer.WriteAsync(Connect.AsMemory(Connect.Length - 1));

        Assert.True(await gate);
    }

    [Theory]
    [InlineData(new byte[] { 0x30, 0x01, 0x00 })]                      // A PUBLISH comes first.
    [InlineData(new byte[] { 0xC0 })]                                  // So does half a PINGREQ.
    [InlineData(new byte[] { 0x10, 0x81, 0x80, 0x01 })]                // 16 KiB and one byte.
    [InlineData(new byte[] { 0x10, 0x80, 0x80, 0x80, 0x04 })]          // 8 MiB.
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF })]          // A length without end.
    [InlineData(new byte[] { 0x16, 0x03, 0x01, 0x02, 0x00 })]          // TLS where none is expected.
    public async Task What_is_no_CONNECT_within_its_cap_ends_it_at_once(byte[] bytes)
    {
        await _pipe.Writer.WriteAsync(bytes);

        Assert.False(await ConnectGate.HasArrivedAsync(_pipe.Reader, Within, _time));
    }

    [Fact]
    public async Task Half_a_CONNECT_is_waited_for_no_longer_than_its_time_however_it_dribbles()
    {
        var gate = ConnectGate.HasArrivedAsync(_pipe.Reader, Within, _time);
        await _pipe.Writer.WriteAsync(Connect.AsMemory(0, 2));
        _time.Advance(Within - TimeSpan.FromMilliseconds(1));
        await _pipe.Writer.WriteAsync(Connect.AsMemory(2, 1));
        Assert.False(gate.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.False(await gate);
    }

    [Fact]
    public async Task A_peer_that_goes_ends_it()
    {
        var gate = ConnectGate.HasArrivedAsync(_pipe.Reader, Within, _time);
        await _pipe.Writer.WriteAsync(Connect.AsMemory(0, 2));

        await _pipe.Writer.CompleteAsync();

        Assert.False(await gate);
    }
}
