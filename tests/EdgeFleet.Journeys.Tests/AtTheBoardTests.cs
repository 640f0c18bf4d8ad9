using System.Text.Json;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Journeys.Tests;

/// <summary>What a person finds who stands by a board that works.</summary>
public sealed class AtTheBoardTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Status_snapshot_and_check_tell_of_a_board_at_work_and_of_one_whose_control_plane_is_gone()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        var board = fleet.Boards[0];

        var (code, status, _) = await board.CommandAsync(Cancel, "status");
        Assert.Equal(0, code);
        Assert.Contains($"device {board.DeviceId}", status, StringComparison.Ordinal);
        Assert.Contains($"connected to localhost:{fleet.ControlPlane.MqttPort}", status, StringComparison.Ordinal);
        Assert.Contains("serves colours@1.0.0", status, StringComparison.Ordinal);
        Assert.Contains("warnings  none", status, StringComparison.Ordinal);

        var photo = Path.Combine(board.StateFolder, "photo.png");
        (code, var seen, _) = await board.CommandAsync(Cancel, "snapshot", "leaf", "--out", photo);
        Assert.Equal(0, code);
        Assert.Contains("-red.png, by colours@1.0.0", seen, StringComparison.Ordinal);
        Assert.EndsWith("red", seen.Split('\n')[1].TrimEnd(), StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(photo)[..4]);
        (_, seen, _) = await board.CommandAsync(Cancel, "snapshot", "leaf", "--json", "--out", photo);
        using (var told = JsonDocument.Parse(seen))
            Assert.Equal("red", told.RootElement.GetProperty("answers")[0].GetProperty("label").GetString());

        (code, var check, _) = await board.CommandAsync(Cancel, "check");
        Assert.Equal(0, code);
        Assert.Contains("answers and is the one that this board knows", check, StringComparison.Ordinal);
        Assert.Contains("ok    certificate: valid until", check, StringComparison.Ordinal);

        await fleet.ControlPlane.KillAsync();
        (code, check, _) = await board.CommandAsync(Cancel, "check");
        Assert.Equal(1, code);
        Assert.Contains("BAD   control plane: ", check, StringComparison.Ordinal);
        Assert.Equal(0, (await board.CommandAsync(Cancel, "snapshot", "leaf", "--out", photo)).Code);
    }
}
