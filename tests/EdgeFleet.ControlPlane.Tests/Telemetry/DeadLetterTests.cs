using System.Text;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;

namespace EdgeFleet.ControlPlane.Tests.Telemetry;

public abstract class DeadLetterTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    public static TheoryData<TopicKind, string?, string, string> BadMessages => new()
    {
        { TopicKind.Telemetry, "minute", "{", "is not a MinuteBatch" },
        { TopicKind.Telemetry, "minute", "{\"v\":1,\"epoch\":\"epoch-1\",\"low\":1,\"first\":1,\"slot\":null}", "is not a MinuteBatch" },
        { TopicKind.Telemetry, "power", "{}", "There is no stream 'power'" },
        { TopicKind.Telemetry, "profile", "{\"v\":2,\"epoch\":\"epoch-1\",\"low\":1,\"first\":1,\"records\":[]}", "has version 2" },
        { TopicKind.Telemetry, "profile", "{\"v\":1,\"epoch\":\"epoch-1\",\"low\":5,\"first\":1,\"records\":[]}", "make no sense" },
        { TopicKind.Telemetry, "profile", "{\"v\":1,\"epoch\":\"../..\",\"low\":1,\"first\":1,\"records\":[]}", "epoch" },
        { TopicKind.Telemetry, "profile", "{\"v\":1,\"epoch\":\"epoch-1\",\"low\":1,\"first\":1,\"records\":[null]}", "no 'model'" },
        { TopicKind.Event, "alert", "{\"v\":1,\"epoch\":\"epoch-1\",\"low\":1,\"first\":1,\"records\":[{\"type\":\"alert\",\"at\":1,\"slot\":\"leaf\"}]}", "has no part 'alert'" },
        { TopicKind.Event, "gap", "{\"v\":1,\"epoch\":\"epoch-1\",\"low\":1,\"first\":1,\"records\":[{\"type\":\"a\\u0000\",\"at\":1,\"slot\":\"leaf\"}]}", "U+0000" },
        { TopicKind.Hello, null, "{\"epoch\":\"epoch-1\",\"boot\":\"b\",\"session\":1,\"agent\":\"a\",\"desiredVersion\":-1}", "make no sense" },
        { TopicKind.Presence, null, "{\"state\":\"dancing\",\"session\":1}", "There is no presence 'dancing'" },
        { TopicKind.Reported, null, "[]", "is not a ReportedState" },
        { TopicKind.Log, null, "hello", "Nothing was asked" },
        { TopicKind.Blob, "0000", "x", "must end in its SHA-256" },
    };

    [Theory, MemberData(nameof(BadMessages))]
    public async Task A_bad_message_is_put_aside_with_the_reason_and_never_acknowledged(TopicKind kind, string? detail, string text, string reason)
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.PublishAsync(device, kind, detail, Encoding.UTF8.GetBytes(text));
        await Plane.SendAcksAsync();

        var letter = Assert.Single(await Plane.RowsAsync<DeadLetter>());
        Assert.Contains(reason, letter.Reason, StringComparison.Ordinal);
        Assert.Equal((device, text), (letter.Device, Encoding.UTF8.GetString(letter.Body)));
        Assert.Empty(Plane.Downlink.Acks);
        Assert.Empty(await Plane.RowsAsync<StreamCursor>());
    }

    [Fact]
    public async Task A_message_that_is_too_large_is_put_aside_with_its_first_bytes()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.PublishAsync(device, TopicKind.Telemetry, "minute", new byte[WireCodec.UpBytesMax + 1]);

        var letter = Assert.Single(await Plane.RowsAsync<DeadLetter>());
        Assert.Equal((DeadLetter.BodyBytesMax, WireCodec.UpBytesMax + 1), (letter.Body.Length, letter.Length));
    }

    [Fact]
    public async Task A_device_keeps_only_its_newest_dead_letters_and_at_most_one_a_second()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        var other = await Plane.EnrolAsync("leaf-2");
        await Plane.PublishAsync(other, TopicKind.Log, null, [1]);
        var max = new TelemetryOptions().DeadLettersPerDeviceMax;
        for (var i = 0; i < max + 5; i++)
        {
            await Plane.PublishAsync(device, TopicKind.Log, null, [(byte)i]);
            await Plane.PublishAsync(device, TopicKind.Log, null, [255]);
            Plane.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var kept = (await Plane.RowsAsync<DeadLetter>()).Where(d => d.Device == device).ToList();
        Assert.Equal(Enumerable.Range(5, max).Select(i => (byte)i), kept.OrderBy(d => d.Id).Select(d => d.Body[0]));
        Assert.Single(await Plane.RowsAsync<DeadLetter>(), d => d.Device == other);
    }

    [Fact]
    public async Task Nothing_is_taken_from_a_device_that_is_not_enrolled_or_is_shut_out()
    {
        await Plane.EnrolAsync("shut-out", d => d.Revoked = 1);
        foreach (var id in new[] { "stranger", "shut-out" })
        {
            await Plane.HelloAsync(DeviceId.Parse(id));
            await Plane.MinutesAsync(DeviceId.Parse(id), 1, 5);
        }

        await Plane.SendAcksAsync();
        Assert.Empty(Plane.Downlink.Acks);
        Assert.Empty(await Plane.RowsAsync<StreamCursor>());
        Assert.Equal("", Assert.Single(await Plane.RowsAsync<Device>()).Agent);
    }

    [Fact]
    public async Task A_device_that_makes_up_epochs_is_refused_until_it_names_one()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        for (var i = 0; i < KnownDevice.UnnamedEpochsMax + 3; i++)
            await Plane.MinutesAsync(device, 1, 1, epoch: $"made-up-{i}");
        Assert.Equal(KnownDevice.UnnamedEpochsMax, (await Plane.RowsAsync<StreamCursor>()).Count);
        Assert.Contains("was not named in a hello", Assert.Single(await Plane.RowsAsync<DeadLetter>()).Reason, StringComparison.Ordinal);

        await Plane.HelloAsync(device, "named");
        await Plane.MinutesAsync(device, 1, 1, epoch: "named");
        Assert.Equal(1, (await Plane.CursorAsync(device, epoch: "named"))!.Acknowledged);
    }

    [Fact]
    public async Task A_blob_is_stored_under_its_digest_and_acknowledged()
    {
        var device = await Plane.EnrolAsync("leaf-1");
        await Plane.HelloAsync(device);
        var photo = Encoding.UTF8.GetBytes("a photo");
        var digest = Sha256Digest.Of(photo);
        await Plane.PublishAsync(device, TopicKind.Blob, digest.Value, photo);
        await Plane.PublishAsync(device, TopicKind.Blob, Sha256Digest.Of([1]).Value, photo);
        await Plane.SendAcksAsync();

        Assert.Equal([digest], Assert.Single(Plane.Downlink.Acks).Ack.Blobs);
        Assert.Equal(photo, await File.ReadAllBytesAsync(Path.Combine(Folder, "blobs", digest.Value), Cancel));
        Assert.Contains("its topic says otherwise", Assert.Single(await Plane.RowsAsync<DeadLetter>()).Reason, StringComparison.Ordinal);
    }
}

public sealed class DeadLetterOnSqliteTests() : DeadLetterTests(null);

public sealed class DeadLetterOnPostgresTests(PostgresFixture postgres) : DeadLetterTests(postgres);
