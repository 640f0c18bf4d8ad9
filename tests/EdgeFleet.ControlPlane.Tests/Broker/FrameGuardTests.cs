using System.Buffers;
using System.IO.Pipelines;
using EdgeFleet.ControlPlane.Broker;
using Microsoft.AspNetCore.Connections;

namespace EdgeFleet.ControlPlane.Tests.Broker;

public sealed class FrameGuardTests
{
    [Theory]
    [InlineData(0x10, 16 * 1024)]
    [InlineData(0x30, FrameGuard.PacketBytesMax)]
    [InlineData(0x32, FrameGuard.PacketBytesMax)]
    [InlineData(0x82, 4 * 1024)]
    [InlineData(0xC0, 1024)]
    public async Task A_packet_of_its_largest_size_passes_and_one_byte_more_does_not(byte first, int bytesMax)
    {
        Assert.True((await ReadAsync([first, .. Length(bytesMax)])).Buffer.Length > 1);

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => ReadAsync([first, .. Length(bytesMax + 1)]));
    }

    [Fact]
    public async Task A_length_that_never_ends_is_no_length() =>
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => ReadAsync([0x30, 0xFF, 0xFF, 0xFF, 0xFF]));

    [Fact]
    public async Task A_header_that_comes_byte_by_byte_is_judged_when_it_is_whole()
    {
        var pipe = new Pipe();
        var guard = new FrameGuard(pipe.Reader);
        byte[] header = [0x30, .. Length(FrameGuard.PacketBytesMax + 1)];
        foreach (var one in header[..^1])
        {
            await pipe.Writer.WriteAsync(new[] { one });
            var read = await guard.ReadAsync();
            guard.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        await pipe.Writer.WriteAsync(header.AsMemory(header.Length - 1));

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => guard.ReadAsync().AsTask());
    }

    [Fact]
    public async Task The_second_packet_is_judged_as_the_first()
    {
        var pipe = new Pipe();
        var guard = new FrameGuard(pipe.Reader);
        await pipe.Writer.WriteAsync(new byte[] { 0xC0, 0x00, 0x82, 0xFF, 0x7F });
        var read = await guard.ReadAsync();
        guard.AdvanceTo(read.Buffer.GetPosition(2));

        await Assert.ThrowsAsync<ConnectionAbortedException>(() => guard.ReadAsync().AsTask());
    }

    private static async Task<ReadResult> ReadAsync(byte[] bytes)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(bytes);
        return await new FrameGuard(pipe.Reader).ReadAsync();
    }

    // MQTT's variable byte integer.
    private static IEnumerable<byte> Length(int value)
    {
        do
        {
            yield return (byte)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));
            value >>= 7;
        }
        while (value > 0);
    }
}
