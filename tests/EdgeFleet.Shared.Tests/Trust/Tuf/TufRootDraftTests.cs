using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

public sealed class TufRootDraftTests : IDisposable
{
    private static readonly DateTimeOffset Ends = TimeProvider.System.GetUtcNow().AddYears(1);
    private readonly TufSigningKey[] _keys = [TufSigningKey.NewEcdsa(), TufSigningKey.NewEd25519(), TufSigningKey.NewEcdsa(), TufSigningKey.NewEcdsa(), TufSigningKey.NewEd25519()];

    public void Dispose() => Array.ForEach(_keys, k => k.Dispose());

    [Fact]
    public void A_root_goes_from_key_to_key_as_a_file_and_passes_with_two_of_three()
    {
        var file = First().ToBytes();
        Assert.Equal((2, 0), TufRootDraft.Read(file).Missing(null));
        foreach (var key in _keys[..2])
        {
            Assert.Throws<TufException>(() => new TufTrust(file, Ends));
            var draft = TufRootDraft.Read(file);
            Assert.True(draft.Sign(key));
            file = draft.ToBytes();
        }

        Assert.Equal((0, 0), TufRootDraft.Read(file).Missing(null));
        Assert.Equal(1, new TufTrust(file, Ends).Root.Document.Version);
    }

    [Fact]
    public void The_next_root_needs_the_old_keys_and_the_new_ones()
    {
        var first = Signed(First(), null, 0, 1);
        var next = first.Next(Ends);
        Assert.True(next.Retire(TufRoles.Root, _keys[0].Id));
        next.Trust(TufRoles.Root, _keys[4].Public);
        var trust = new TufTrust(first.ToBytes(), Ends);

        Signed(next, first, 1, 4);
        Assert.Equal((0, 1), next.Missing(first));
        Assert.Equal(TufFault.Unsigned, Assert.Throws<TufException>(() => trust.TakeRoot(next.ToBytes())).Fault);

        Signed(next, first, 2);
        Assert.Equal((0, 0), next.Missing(first));
        trust.TakeRoot(next.ToBytes());
        Assert.Equal(2, trust.Root.Document.Version);
        Assert.False(trust.Root.Keys.ContainsKey(_keys[0].Id));
    }

    [Fact]
    public void A_change_takes_the_signatures_away()
    {
        var root = Signed(First(), null, 0, 1);
        root.SetThreshold(TufRoles.Root, 1);
        Assert.False(root.IsSignedBy(_keys[0].Id));
    }

    [Fact]
    public void A_strange_key_does_not_sign()
    {
        using var strange = TufSigningKey.NewEcdsa();
        var root = First();
        Assert.False(root.Sign(strange));
        Assert.False(root.Sign(_keys[3]));
    }

    [Fact]
    public void Too_few_keys_and_an_offline_key_on_the_server_are_faults()
    {
        var root = First();
        Assert.Empty(root.Faults());
        root.SetThreshold(TufRoles.Root, 4);
        root.Trust(TufRoles.Timestamp, _keys[0].Public);
        Assert.Collection(root.Faults(), f => Assert.Contains("4 must sign", f), f => Assert.Contains(_keys[0].Id[..12], f));
    }

    // Three root keys of which two must sign; the third signs targets too, the fourth stands on the server.
    private TufRootDraft First()
    {
        var root = TufRootDraft.New(Ends.AddYears(1));
        foreach (var key in _keys[..3])
            root.Trust(TufRoles.Root, key.Public);
        root.SetThreshold(TufRoles.Root, 2);
        root.Trust(TufRoles.Targets, _keys[2].Public);
        root.Trust(TufRoles.Snapshot, _keys[3].Public);
        root.Trust(TufRoles.Timestamp, _keys[3].Public);
        return root;
    }

    private TufRootDraft Signed(TufRootDraft root, TufRootDraft? before, params int[] keys)
    {
        foreach (var key in keys)
            Assert.True(root.Sign(_keys[key], before));
        return root;
    }
}
