using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Testing.Wire;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

/// <summary>What boards of earlier tags said is taken in as what boards say today.</summary>
public sealed class EarlierTagsTests() : PlaneTests(null)
{
    public static TheoryData<string> Tags => new(WireCorpus.Tags);

    [Theory, MemberData(nameof(Tags))]
    public async Task Nothing_that_a_board_of_a_tag_said_is_put_aside_and_its_rows_are_stored(string tag)
    {
        var device = await Plane.EnrolAsync("board");
        var rows = new HashSet<(string Epoch, long Seq)>();
        foreach (var record in WireCorpus.Of(tag))
        {
            if (!Topic.TryParse(record.Name, out var topic) || !Topic.IsUp(topic.Kind))
                continue;
            await Plane.PublishAsync(device, topic.Kind, topic.Detail, record.Bytes);
            if (topic is { Kind: TopicKind.Telemetry, Detail: RecordStream.Minute } && MinuteBatch.Read(record.Bytes) is var batch)
                rows.UnionWith(Enumerable.Range(0, batch.Count).Select(i => (batch.Epoch, batch.First + i)));
        }

        Assert.Empty((await Plane.RowsAsync<DeadLetter>()).Select(l => l.Reason));
        Assert.NotEmpty(rows);
        Assert.Equal(rows.Count, await Plane.CountAsync(device, epoch: rows.First().Epoch));
        var stored = await Plane.Store.MinutesAsync(device, SlotName.Parse("leaf"), 0, Cancel);
        Assert.Contains(stored, r => r is { Answered: > 0, P50Us: > 0, Model: "colours@1.0.0" });
    }
}
