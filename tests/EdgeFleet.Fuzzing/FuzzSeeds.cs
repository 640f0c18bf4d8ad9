using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeFleet.ModelPrep.Deltas;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using PublicKey = EdgeFleet.Shared.Trust.PublicKey;

namespace EdgeFleet.Fuzzing;

/// <summary>Good inputs of every target: what the product itself writes.</summary>
internal static class FuzzSeeds
{
    private const string Epoch = "0f4c2a9b77d1e385";
    private static readonly SlotName Slot = SlotName.Parse("leaf");
    private static readonly DeviceId Leaf = DeviceId.Parse("leaf-1");
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The key that signed <see cref="Envelopes"/>.</summary>
    public static PublicKey Trusted { get; } = PublicKey.Of(Key);

    /// <summary>What stands in them.</summary>
    public static byte[] SignedPayload { get; } =
        JsonSerializer.SerializeToUtf8Bytes(new DesiredDocument { Device = Leaf, Version = 7 }, WireJson.Default.DesiredDocument);

    public static IReadOnlyList<byte[]> Packets { get; } =
    [
        [0x10, 0x10, 0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 5, 2, 0, 60, 0, 0, 3, (byte)'a', (byte)'b', (byte)'c', 0xC0, 0],
        [0x82, 6, 0, 1, 0, 0, 1, (byte)'#', 0xC0, 0, 0xE0, 0],
        [0x32, 9, 0, 3, (byte)'a', (byte)'/', (byte)'b', 0, 1, 0, 7, 0x40, 2, 0, 1],
    ];

    public static IReadOnlyList<byte[]> Topics { get; } =
        [.. Enum.GetValues<TopicKind>().Select(k => Encoding.UTF8.GetBytes(Topic.Format(new TopicAddress(Leaf, k, HasDetail(k) ? "minute" : null))))];

    public static IReadOnlyList<byte[]> Batches { get; } = [.. BatchMessages()];

    public static IReadOnlyList<byte[]> Packed { get; } =
    [
        WireCodec.Encode(new Hello { Epoch = Epoch, Boot = "b", Session = 1, Agent = "1.0.0" }, WireJson.Default.Hello),
        WireCodec.Encode(new Hello { Epoch = Epoch, Boot = new string('b', 300), Session = 2, Agent = "1.0.0-" + new string('x', 500) }, WireJson.Default.Hello),
    ];

    public static IReadOnlyList<byte[]> Manifests { get; } = [.. new[] { TestPackageSpec.Colours(), TestPackageSpec.Colours("2.0.0") with { Unproven = "lab" } }.Select(s => TestPackage.Build(s).ManifestBytes)];

    public static IReadOnlyList<byte[]> Envelopes { get; } =
    [
        JsonSerializer.SerializeToUtf8Bytes(Envelope.Sign(DesiredDocument.PayloadType, SignedPayload, Key), WireJson.Default.Envelope),
        JsonSerializer.SerializeToUtf8Bytes(Envelope.Sign(DeviceCommand.PayloadType, SignedPayload, Key), WireJson.Default.Envelope),
    ];

    public static IReadOnlyList<byte[]> Models { get; } =
    [
        .. Directory.GetFiles(Path.Combine(RealData.CheckoutRoot, "provisioning", "samples", "models"), "*.onnx").Order()
            .Where(f => new FileInfo(f).Length < 100_000).Select(File.ReadAllBytes),
        .. TestPackageSpec.Colours().Variants.Values,
        OnnxFile.Bytes(new GraphBuilder("constant").Output("y", TensorProto.Types.DataType.Float, 1)
            .Node("Constant", [], "y", new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = Tensors.Floats("t", [1f], 1) }).Model(17, "fuzz", "")),
    ];

    /// <summary>From the first of <see cref="Models"/> to others, to itself changed, and to nothing.</summary>
    public static IReadOnlyList<byte[]> Deltas { get; } =
        [.. Models.Append([.. Models[0].Reverse().Concat(Models[0])]).Append([.. Models[0].Select((b, i) => i % 90 == 0 ? (byte)(b + 1) : b)]).Append([]).Select(m => DeltaMaker.Make(Models[0], m))];

    public static IReadOnlyList<byte[]> Images { get; } =
        [TestImages.Jpeg(200, 30, 30), TestImages.Png(30, 200, 30), TestImages.NoisyJpeg(40, 24), TestImages.Squares((new SkiaSharp.SKColor(200, 0, 0), 8, 8)), TestImages.Png(1, 2, 3, 1, 1)];

    /// <summary>The same bytes in pieces whose sizes come from bytes and places.</summary>
    public static ReadOnlySequence<byte> InPieces(byte[] bytes)
    {
        Piece? first = null, last = null;
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, 1 + (bytes[at] + 5 * at) % 29);
            var piece = new Piece(bytes.AsMemory(at, length), last);
            (first, last) = (first ?? piece, piece);
            at += length;
        }

        return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    private static bool HasDetail(TopicKind kind) =>
        kind is TopicKind.Telemetry or TopicKind.Event or TopicKind.Blob or TopicKind.CommandResult or TopicKind.Command;

    private static IEnumerable<byte[]> BatchMessages()
    {
        var rows = Enumerable.Range(0, 15).Select(i => new MinuteRow
        {
            Slot = Slot,
            At = 1_772_323_200_000 + 60_000L * i,
            Seconds = 60,
            Model = "coffee-leaf@2.0.1",
            Answered = 600 + i % 3,
            P50Us = 1300 + i,
            P95Us = 1500 + 7 * i,
            MaxUs = 3000 + 31 * i,
            Confidence = 880 + i,
            EnergyUj = i % 4 == 0 ? null : 5000 + i,
        }).ToList();
        yield return WireCodec.Encode(MinuteBatch.Of(Epoch, 1, 1, rows), WireJson.Default.MinuteBatch);
        yield return WireCodec.Encode(MinuteBatch.Of(Epoch, 1, 20, rows[..1]), WireJson.Default.MinuteBatch);
        yield return WireCodec.Encode(new ProfileBatch { Epoch = Epoch, Low = 1, First = 1, Records = [Profile()] }, WireJson.Default.ProfileBatch);
        yield return WireCodec.Encode(new EventBatch
        {
            Epoch = Epoch,
            Low = 1,
            First = 1,
            Records =
            [
                new DeviceEvent { Type = "alert", At = 17, Slot = Slot, Alert = new AlertChange { Rule = "rust", Label = "rust", Severity = "critical", Raised = true, Model = "coffee-leaf@2.0.1" } },
                new DeviceEvent { Type = "update", At = 18, Slot = Slot, Update = new UpdateChange { From = "Idle", To = "Downloading" } },
            ],
        }, WireJson.Default.EventBatch);
    }

    private static HourlyProfile Profile() => new()
    {
        Slot = Slot,
        At = 1_772_323_200_000,
        Seconds = 3600,
        Model = "coffee-leaf@2.0.1",
        Variant = "cpu-int8",
        Answered = 100,
        QueueUs = Times(40),
        PrepareUs = Times(1800),
        InferUs = Times(1300),
        PostUs = Times(6),
        Inputs = [Feature("luma"), Feature("sharpness")],
        Outputs = [30, 70],
        Confidence = Feature("confidence"),
        Entropy = Feature("entropy"),
        Drift = DriftState.Steady,
        DriftSize = 7,
    };

    private static DdSketch Times(double about)
    {
        var sketch = new SketchBuilder();
        for (var i = 0; i < 100; i++)
            sketch.Add(about + i);
        return sketch.Build();
    }

    private static FeatureProfile Feature(string name)
    {
        var counter = new FeatureCounter([.. Enumerable.Range(1, 15).Select(i => 60 + 8.0 * i)]);
        for (var i = 0; i < 100; i++)
            counter.Add(70 + i);
        return new FeatureProfile { Name = name, Counts = [.. counter.Counts], Moments = counter.Moments };
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is null)
                return;

            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
