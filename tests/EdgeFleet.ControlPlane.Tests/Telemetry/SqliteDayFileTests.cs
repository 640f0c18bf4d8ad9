using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

public sealed class SqliteDayFileTests() : PlaneTests(null)
{
    [Fact]
    public async Task A_day_file_of_an_earlier_version_gets_the_new_columns_at_start_and_keeps_its_rows()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.MinutesAsync(device, 1, 3);
        await Plane.DisposeAsync();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(Folder, "telemetry"), "*.db"));
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            foreach (var column in new[] { "energy_net", "energy_sigma", "energy_share" })
            {
                using var drop = connection.CreateCommand();
                drop.CommandText = $"ALTER TABLE minute DROP COLUMN {column}";
                drop.ExecuteNonQuery();
            }
        }

        await RestartAsync();
        Assert.Equal([1L, 2L, 3L], (await Plane.Store.MinutesAsync(device, SlotName.Parse("leaf"), 0, Cancel)).Select(r => r.Answered));
        await Plane.MinutesAsync(device, 4, 1);
        Assert.Equal(4, await Plane.CountAsync(device));
    }
}
