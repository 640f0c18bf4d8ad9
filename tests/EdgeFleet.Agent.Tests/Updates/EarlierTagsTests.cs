using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Wire;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>What agents of earlier tags kept of a slot is gone on with.</summary>
public sealed class EarlierTagsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Tags => new(WireCorpus.Tags);

    [Theory, MemberData(nameof(Tags))]
    public void The_slots_record_of_a_tag_names_the_model_that_serves(string tag)
    {
        Directory.CreateDirectory(_folder["updates"]);
        File.WriteAllBytes(_folder["updates", "leaf.json"], WireCorpus.Of(tag).Single(r => r.Name == WireReader.SlotFile).Bytes);
        var health = new HealthBoard(TimeProvider.System);

        var record = new UpdateStore(_folder.Path, health, TimeProvider.System).Load(SlotName.Parse("leaf"));

        Assert.Empty(health.Warnings);
        Assert.IsType<Committed>(record.State);
        Assert.Equal("colours@1.0.0", record.Serving.Active!.Label);
    }

    public void Dispose() => _folder.Dispose();
}
