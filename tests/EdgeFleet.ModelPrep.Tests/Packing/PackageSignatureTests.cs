using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class PackageSignatureTests
{
    private static readonly byte[] Manifest = "{ \"name\": \"leaf\" }"u8.ToArray();

    private readonly SimulatedRepository _repository = new();
    private readonly string _path = PackageSignature.PathOf("leaf", "2.0.0");

    [Fact]
    public async Task The_published_manifest_is_vouched_for()
    {
        Publish(Manifest);

        Assert.Null(await FaultAsync(Manifest));
    }

    [Fact]
    public async Task Another_manifest_under_the_same_name_is_not_the_published_one()
    {
        Publish(Manifest);

        Assert.Contains("not the one that was published", await FaultAsync([.. Manifest, (byte)' ']), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_not_listed_and_a_list_that_is_not_signed_are_said()
    {
        Assert.Contains("does not name leaf/2.0.0/manifest.json", await FaultAsync(Manifest), StringComparison.Ordinal);

        Publish(Manifest);
        _repository.Bend("targets", json => json["signed"]!["targets"]![_path]!["length"] = 7);
        Assert.Contains("cannot be trusted", await FaultAsync(Manifest), StringComparison.Ordinal);
    }

    private void Publish(byte[] manifest)
    {
        _repository.AddArtifact("targets", manifest, _path);
        _repository.Publish("targets", "snapshot", "timestamp");
    }

    private async Task<string?> FaultAsync(byte[] manifest) => await PackageSignature.FaultAsync(
        manifest, _path, _repository.Served["root"][0], new TufRepository(Fetch, Fetch), TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);

    private Task<byte[]?> Fetch(string path, long bytesMax, CancellationToken cancel)
    {
        var parts = path.Split('.');
        var (role, version) = parts is [var number, var name, "json"] ? (name, int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)) : (parts[0], _repository.Served["timestamp"].Count);
        return Task.FromResult(_repository.Served.TryGetValue(role, out var served) && version <= served.Count ? served[version - 1] : null);
    }
}
