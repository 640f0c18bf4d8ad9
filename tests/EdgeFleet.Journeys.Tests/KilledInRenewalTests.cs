using EdgeFleet.Shared.Api;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>kill -9 at every call by which a renewal changes the disk: whatever is in force then is whole and let in, and the next attempt ends well.</summary>
public sealed class KilledInRenewalTests
{
    private const int CallsMax = 60;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fsync")]
    [InlineData("rename")]
    [InlineData("unlink")]
    public async Task A_renewal_that_is_killed_anywhere_leaves_an_identity_that_works(string call)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not there: apt-get install strace");
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        var board = fleet.EmptyBoard("board-1");
        await board.EnrolAsync((await fleet.Api.CreateTokenAsync(new EnrolmentTokenRequest(), Cancel)).Ticket, "board-1", Cancel);

        var killed = 0;
        for (var nth = 1; nth <= CallsMax; nth++)
        {
            var (code, _, all) = await LocalProcess.RunAsync(
                ["strace", "-f", "-qq", "-o", "/dev/null", "-e", $"trace={call}", "-e", $"inject={call}:signal=SIGKILL:when={nth}", .. BuiltPrograms.Agent, "renew", "--config", board.ConfigFile],
                TimeSpan.FromSeconds(90), Cancel);
            var (assigned, certificate) = BoardDisk.Identity(board.StateFolder);
            using (certificate)
                Assert.Equal("board-1", await BoardDisk.SelfAsync(assigned, certificate));
            if (code == 0)
                break;

            Assert.True(code is 137 or 9, $"{call} number {nth}: ended with {code}: {all}");
            killed++;
            Assert.True(nth < CallsMax, $"{call}: never came to an end");
        }

        // fsync of key, answer and identity with their folders; a rename each; what is left behind is removed one by one.
        Assert.True(killed >= 2, $"{call}: only {killed} places to kill at");
        var (last, inForce) = BoardDisk.Identity(board.StateFolder);
        using (inForce)
            Assert.Equal("board-1", await BoardDisk.SelfAsync(last, inForce));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(board.StateFolder, "identity"), "key-*.pem"));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(board.StateFolder, "identity"), "next.*"));
    }
}
