using System.Text;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

public sealed class TufClientTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SimulatedRepository _repository = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_key_under_two_names_counts_once()
    {
        var key = SimulatedKey.New();
        _repository.ClearKeys("timestamp");
        _repository.AddKey("timestamp", key: key);
        var other = (key.Id[0] == '0' ? '1' : '0') + key.Id[1..];
        _repository.Bodies["root"]["keys"]![other] = key.Json.DeepClone();
        _repository.RootRole("timestamp")["keyids"]!.AsArray().Add(other);
        _repository.RootRole("timestamp")["threshold"] = 2;
        _repository.Publish("root", "timestamp");
        _repository.Bend("timestamp", d => d["signatures"]!.AsArray().Add(new JsonObject { ["keyid"] = other, ["sig"] = d["signatures"]![0]!["sig"]!.GetValue<string>() }));
        Assert.Equal(TufFault.Unsigned, (await RefusedAsync()).Fault);
    }

    [Theory, InlineData(0), InlineData(-1)]
    public async Task A_threshold_below_one_is_malformed(int threshold)
    {
        _repository.RootRole("targets")["threshold"] = threshold;
        _repository.Publish("root");
        Assert.Equal(TufFault.Malformed, (await RefusedAsync()).Fault);
    }

    [Theory, InlineData("root"), InlineData("timestamp"), InlineData("")]
    public async Task A_delegated_role_cannot_take_the_name_of_one_of_the_four(string name)
    {
        _repository.Bodies["targets"]["delegations"] = new JsonObject
        {
            ["keys"] = new JsonObject(),
            ["roles"] = new JsonArray(new JsonObject { ["name"] = name, ["keyids"] = new JsonArray(), ["threshold"] = 1, ["terminating"] = false, ["paths"] = new JsonArray("*") }),
        };
        _repository.Publish("targets", "snapshot", "timestamp");
        Assert.Equal(TufFault.Malformed, (await RefusedAsync()).Fault);
    }

    [Fact]
    public async Task A_name_that_stands_twice_is_malformed()
    {
        var text = Encoding.UTF8.GetString(_repository.Last("timestamp"));
        _repository.Served["timestamp"][^1] = Encoding.UTF8.GetBytes(text.Replace("\"version\":1", "\"version\":1,\"version\":1", StringComparison.Ordinal));
        Assert.Equal(TufFault.Malformed, (await RefusedAsync()).Fault);
    }

    [Fact]
    public async Task A_document_longer_than_allowed_is_not_read_to_its_end()
    {
        _repository.Served["timestamp"][^1] = [.. _repository.Last("timestamp"), .. Enumerable.Repeat((byte)' ', 20_000)];
        Assert.Equal(TufFault.TooLong, (await RefusedAsync()).Fault);
    }

    [Fact]
    public async Task A_file_longer_than_listed_is_refused()
    {
        _repository.AddArtifact("targets", [1, 2, 3], "f");
        _repository.Publish("targets", "snapshot", "timestamp");
        _repository.Artifacts["f"] = _repository.Artifacts["f"] with { Data = new byte[1000] };
        var client = await RefreshedAsync();
        var file = Assert.IsType<TufTarget>(await client.FindAsync("f"));
        Assert.Equal(TufFault.TooLong, (await Assert.ThrowsAsync<TufException>(() => client.DownloadAsync(file))).Fault);
    }

    [Fact]
    public async Task A_kept_role_is_judged_again_when_its_delegator_names_other_keys()
    {
        _repository.AddDelegation("targets", "leaf", ["leaf/*"]);
        _repository.AddArtifact("leaf", [1], "leaf/a");
        _repository.Publish("leaf", "targets", "snapshot", "timestamp");
        Assert.NotNull(await (await RefreshedAsync()).FindAsync("leaf/a"));

        _repository.Bodies["targets"]["delegations"]!["roles"]![0]!["keyids"] = new JsonArray(SimulatedKey.New().Id);
        _repository.Publish("targets", "snapshot", "timestamp");
        var client = await RefreshedAsync();
        Assert.Equal(TufFault.Unsigned, (await Assert.ThrowsAsync<TufException>(() => client.FindAsync("leaf/a"))).Fault);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(8)]
    public async Task Bins_hold_each_path_in_one_role(int bits)
    {
        _repository.AddBins("targets", bits, "bin");
        var bin = TufPaths.HashOf("bar");
        var name = $"bin-{(Convert.ToInt32(bin[..2], 16) >> (8 - bits)).ToString(bits == 8 ? "x2" : "x", null)}";
        _repository.AddArtifact(name, [7], "bar");
        _repository.Publish([.. _repository.Bodies.Keys.Where(k => k.StartsWith("bin-", StringComparison.Ordinal)), "targets", "snapshot", "timestamp"]);
        var client = await RefreshedAsync();
        Assert.Equal([7], await client.DownloadAsync((await client.FindAsync("bar"))!));
        Assert.Equal(new MetadataRequest(name, 1), _repository.MetadataRequests[^1]);
    }

    [Fact]
    public async Task Without_consistent_snapshots_files_have_plain_names()
    {
        _repository.Bodies["root"]["consistent_snapshot"] = false;
        _repository.AddArtifact("targets", [1], "a/b.json");
        _repository.Publish("root", "targets", "snapshot", "timestamp");
        var client = await RefreshedAsync();
        Assert.Equal([1], await client.DownloadAsync((await client.FindAsync("a/b.json"))!));
        Assert.Contains(new MetadataRequest("snapshot", null), _repository.MetadataRequests);
        Assert.Equal(new ArtifactRequest("a/b.json", null), _repository.ArtifactRequests[^1]);
    }

    [Fact]
    public async Task Roots_are_followed_up_to_a_bound_and_further_at_the_next_refresh()
    {
        for (var i = 0; i < 5; i++)
            _repository.Publish("root");
        var store = NewStore();
        var limits = new TufLimits { RootsMax = 3 };
        await new TufClient(store, Source(), limits).RefreshAsync(TimeProvider.System.GetUtcNow());
        Assert.Contains(new MetadataRequest("root", 4), _repository.MetadataRequests);
        Assert.DoesNotContain(new MetadataRequest("root", 5), _repository.MetadataRequests);
        await new TufClient(store, Source(), limits).RefreshAsync(TimeProvider.System.GetUtcNow());
        Assert.Contains(new MetadataRequest("root", 6), _repository.MetadataRequests);
    }

    [Fact]
    public async Task What_the_signer_says_of_a_file_comes_with_it()
    {
        _repository.AddArtifact("targets", [1], "a");
        _repository.Bodies["targets"]["targets"]!["a"]!["custom"] = new JsonObject { ["floor"] = 3 };
        _repository.Publish("targets", "snapshot", "timestamp");
        var file = await (await RefreshedAsync()).FindAsync("a");
        Assert.Equal(3, file!.Custom!.Value.GetProperty("floor").GetInt32());
    }

    // Every byte of every document in turn is another one: nothing but a refusal comes of it, or the same trust as before.
    [Theory, InlineData("root"), InlineData("timestamp"), InlineData("snapshot"), InlineData("targets")]
    public async Task A_changed_byte_never_passes_and_never_crashes(string role)
    {
        if (role == "root")
            _repository.Publish("root");
        var good = _repository.Last(role);
        var signed = JsonNode.Parse(good)!["signed"]!.ToJsonString();
        for (var at = 0; at < good.Length; at += 3)
        {
            byte[] bad = [.. good];
            bad[at] ^= (byte)(1 << (at % 7));
            _repository.Served[role][^1] = bad;
            try
            {
                await RefreshedAsync($"metadata-{at}");
                Assert.Equal(signed, JsonNode.Parse(bad)!["signed"]!.ToJsonString());
            }
            catch (TufException)
            {
                // As it should be.
            }
        }
    }

    private async Task<TufException> RefusedAsync() => await Assert.ThrowsAsync<TufException>(() => RefreshedAsync());

    private async Task<TufClient> RefreshedAsync(string folder = "metadata")
    {
        var client = new TufClient(NewStore(folder), Source());
        await client.RefreshAsync(TimeProvider.System.GetUtcNow());
        return client;
    }

    private TufStore NewStore(string folder = "metadata")
    {
        var store = new TufStore(_folder[folder]);
        if (!store.HasRoot)
            store.Begin(_repository.Served["root"][0]);
        return store;
    }

    private TufRepository Source() => new(
        (path, bytesMax, _) => Task.FromResult(Cut(_repository.Fetch($"metadata/{path}"), bytesMax)), (path, bytesMax, _) => Task.FromResult(Cut(_repository.Fetch($"targets/{path}"), bytesMax)));

    private static byte[]? Cut(byte[]? bytes, long most) => bytes is null || bytes.Length <= most ? bytes : bytes[..(int)(most + 1)];
}
