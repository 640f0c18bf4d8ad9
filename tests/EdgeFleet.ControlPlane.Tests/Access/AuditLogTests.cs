using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Tests.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Access;

public sealed class AuditLogTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    private RunningControlPlane Plane => fixture.Plane;

    private IAuditLog Log => Plane.Services.GetRequiredService<IAuditLog>();

    [Fact]
    public async Task Entries_that_are_written_at_once_make_one_whole_chain()
    {
        await StartOverAsync();
        // Two logs, as two processes would have, and many callers each.
        using var other = new AuditLog(Plane.Services.GetRequiredService<IDbContextFactory<FleetContext>>(), TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? Log : other).RecordAsync("ana", "test.do", $"thing {i}", null, default)));
        Assert.Equal(new AuditVerdict.Whole(20), await Log.VerifyAsync(default));
    }

    [Theory]
    [InlineData("UPDATE \"Audit\" SET \"Who\" = 'eve' WHERE \"Id\" = 3", 3)]
    [InlineData("UPDATE \"Audit\" SET \"Detail\" = NULL WHERE \"Id\" = 2", 2)]
    [InlineData("DELETE FROM \"Audit\" WHERE \"Id\" = 3", 3)]
    [InlineData("UPDATE \"Audit\" SET \"Hash\" = upper(\"Hash\") WHERE \"Id\" = 4", 4)]
    public async Task A_change_behind_its_back_is_found(string sql, long entry)
    {
        await StartOverAsync();
        for (var i = 1; i <= 5; i++)
            await Log.RecordAsync("ana", "test.do", $"thing {i}", "why", default);
        await Plane.WithDbAsync(db => db.Database.ExecuteSqlRawAsync(sql));
        Assert.Equal(entry, Assert.IsType<AuditVerdict.Broken>(await Log.VerifyAsync(default)).Entry);
    }

    [Fact]
    public async Task What_people_do_stands_in_it()
    {
        await StartOverAsync();
        using var http = await Plane.ProgramAsync(Policies.Operator);
        using var made = await http.PostAsync("api/logout", null);
        var entry = await Plane.WithDbAsync(db => db.Set<AuditEntry>().OrderByDescending(a => a.Id).FirstAsync());
        Assert.Equal(("a-operator", "token.revoke"), (entry.Who, entry.What));
    }

    private Task StartOverAsync() => Plane.WithDbAsync(db => db.Set<AuditEntry>().ExecuteDeleteAsync());
}
