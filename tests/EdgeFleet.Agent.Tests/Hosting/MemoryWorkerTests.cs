using System.Runtime.CompilerServices;
using EdgeFleet.Agent.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Hosting;

public sealed class MemoryWorkerTests
{
    private const int Megabytes = 256;

    [Fact]
    public void Memory_that_nothing_uses_any_more_goes_back_to_the_board()
    {
        using var worker = new MemoryWorker(TimeProvider.System, NullLogger<MemoryWorker>.Instance);
        UseAndDrop();
        var before = ResidentBytes();

        Assert.True(worker.Look());

        // Tests beside this one allocate too: half of it is proof enough.
        Assert.InRange(ResidentBytes(), 0, before - (Megabytes << 20) / 2);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseAndDrop()
    {
        var used = Enumerable.Range(0, Megabytes).Select(_ => GC.AllocateUninitializedArray<byte>(1 << 20)).ToList();
        used.ForEach(b => Array.Fill(b, (byte)1));
    }

    private static long ResidentBytes() => long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;
}
