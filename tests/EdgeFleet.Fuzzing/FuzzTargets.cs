using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Fuzzing.Mutators;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Deltas;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using Microsoft.AspNetCore.Connections;

namespace EdgeFleet.Fuzzing;

/// <summary>Every reader of bytes that come from outside, with what holds of it.</summary>
internal static class FuzzTargets
{
    private const int Mb = 1024 * 1024;
    private const int DeltaBytesMax = 256 * 1024;
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(1);
    private static readonly DeviceId Leaf = DeviceId.Parse("leaf-1");
    private static readonly TopicAddress[] BatchTopics =
        [new(Leaf, TopicKind.Telemetry, RecordStream.Minute), new(Leaf, TopicKind.Telemetry, RecordStream.Profile), new(Leaf, TopicKind.Event, "alert")];

    /// <summary>All targets.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        // The text of a fault, an exception and its trace, and what the pipe takes to hold the input.
        new("frame-guard", FuzzSeeds.Packets, new MixedMutator(new PacketMutator()), Frames, [], length => 64 * 1024 + 40 * length, Quick),
        // The text is made of the bytes first, as the library does; each byte that is no UTF-8 costs some 33 of memory there.
        new("topic", FuzzSeeds.Topics, new MixedMutator(new TopicMutator()), Topics, [], length => 8 * 1024 + 64 * length, Quick),
        // A message of 128 kB unpacks to at most 512 kB, which is read as a minute batch, a profile batch and an event batch in turn.
        new("batch", FuzzSeeds.Batches, new MixedMutator(new WireMutator()), Batch, [], length => 3 * 12 * Mb, Quick),
        new("brotli", FuzzSeeds.Packed, new MixedMutator(new WireMutator()), Brotli, [typeof(WireException)], length => 12 * Mb, Quick),
        new("manifest", FuzzSeeds.Manifests, new MixedMutator(new JsonMutator()), ManifestOf, [typeof(ManifestException)], length => Mb + 64 * length, Quick),
        new("envelope", FuzzSeeds.Envelopes, new MixedMutator(new JsonMutator()), Opened, [typeof(WireException)], length => Mb + 32 * length, Quick),
        // Two bytes can stand for an empty message, which is an object with a dozen lists in it.
        new("onnx", FuzzSeeds.Models, new MixedMutator(new ProtobufMutator()), Onnx, [typeof(OnnxFileException)], length => 2 * Mb + 1200 * length, Quick),
        // Pieces and buffers, the file that is made, and its folder.
        new("delta", FuzzSeeds.Deltas, new MixedMutator(new DeltaMutator()), Delta, [typeof(DeltaException)], length => 2 * Mb + 4 * DeltaBytesMax + 16 * length, Quick),
        // Managed memory is the pixels, kept from one image to the next; a picture of 50 million takes its time in native code.
        new("image", FuzzSeeds.Images, new MixedMutator(new ImageMutator()), Image, [typeof(ImageException)], length => 4L * ImageDecoder.PixelsMax + Mb, TimeSpan.FromSeconds(20)),
    ];

    /// <summary>The target of a name.</summary>
    public static FuzzTarget Of(string name) => All.Single(t => t.Name == name);

    // The stream of packets, once whole and once in pieces: the guard must not care how it comes, and let nothing over its cap through.
    private static string Frames(byte[] input)
    {
        var whole = Walk(new ReadOnlySequence<byte>(input));
        var pieces = Walk(FuzzSeeds.InPieces(input));
        PropertyException.Unless(whole == pieces, $"In one piece it is '{whole}', in several '{pieces}'.");
        PropertyException.Unless(ThroughGuard(input) == (whole == "fault"), $"The pipe's reader does not say what the judgement says ('{whole}').");
        return whole;
    }

    private static string Walk(ReadOnlySequence<byte> stream)
    {
        while (!stream.IsEmpty)
        {
            var verdict = FrameGuard.Judge(stream);
            if (verdict.Fault is not null)
                return "fault";
            if (verdict.PacketBytes is not { } bytes || bytes > stream.Length)
                return "more is needed";

            if (bytes is < 2 or > FrameGuard.PacketBytesMax + 5)
                throw new PropertyException($"A packet of {bytes} bytes was let through.");
            stream = stream.Slice(bytes);
        }

        return "all read";
    }

    // True when the reader ends the connection.
    private static bool ThroughGuard(byte[] input)
    {
        var guard = new FrameGuard(PipeReader.Create(new ReadOnlySequence<byte>(input)));
        try
        {
            while (guard.TryRead(out var read) && FrameGuard.Judge(read.Buffer).PacketBytes is { } bytes && bytes <= read.Buffer.Length)
            {
                guard.AdvanceTo(read.Buffer.GetPosition(bytes));
                if (read.Buffer.Length == bytes)
                    break;
            }

            return false;
        }
        catch (ConnectionAbortedException)
        {
            return true;
        }
    }

    private static string Topics(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (!Topic.TryParse(text, out var address))
            return "no topic";

        PropertyException.Unless(Topic.Format(address) == text, $"{text} reads as {Topic.Format(address)}.");
        PropertyException.Unless(text.AsSpan().IndexOfAny('+', '#', '$') < 0 && text.Length <= Topic.LengthMax, $"{text} was taken.");
        PropertyException.Unless(BrokerPolicy.Publish(Leaf, text, 1, false, false, out _) is not null || text.StartsWith($"{Topic.Root}/{Leaf}/", StringComparison.Ordinal), $"{Leaf} may publish to {text}.");
        return address.Kind.ToString();
    }

    private static string Batch(byte[] input)
    {
        var outcomes = new List<string>();
        foreach (var topic in BatchTopics)
        {
            try
            {
                var batch = RecordReader.Read(Leaf, topic, input);
                PropertyException.Unless(batch.First >= 0 && batch.Low >= 0 && batch.Count >= 0, $"A batch from {batch.First} with low {batch.Low} was taken.");
                outcomes.Add(batch.GetType().Name);
            }
            catch (WireException e)
            {
                outcomes.Add(FuzzTarget.WordsOf(e.Message));
            }
        }

        return string.Join('|', outcomes);
    }

    private static string Brotli(byte[] input)
    {
        WireCodec.Decode(input, WireJson.Default.Hello, WireCodec.UpBytesMax);
        return "hello";
    }

    private static string ManifestOf(byte[] input)
    {
        var manifest = ManifestReader.Read(input);
        PropertyException.Unless(manifest.Variants.All(v => !v.File.Path.Contains("..", StringComparison.Ordinal)), "A path out of the package was taken.");
        return "manifest";
    }

    private static string Opened(byte[] input)
    {
        var envelope = WireCodec.Decode(input, WireJson.Default.Envelope, WireCodec.DownBytesMax);
        var payload = envelope.Open(DesiredDocument.PayloadType, [FuzzSeeds.Trusted], out var error);
        PropertyException.Unless(payload is null != error is null, "It is opened and refused at once.");
        PropertyException.Unless(payload is null || payload.AsSpan().SequenceEqual(FuzzSeeds.SignedPayload), "Another payload than the one that was signed was opened.");
        return payload is null ? "refused" : "opened";
    }

    private static string Onnx(byte[] input)
    {
        var model = OnnxFile.Parse(input, "input");
        _ = new GraphIndex(model.Graph);
        return "model";
    }

    private static string Delta(byte[] input)
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["before"], FuzzSeeds.Models[0]);
        File.WriteAllBytes(folder["delta"], input);
        using var after = DeltaStream.OpenAsync(folder["before"], folder["delta"], DeltaBytesMax).GetAwaiter().GetResult();
        using var made = new MemoryStream();
        after.CopyTo(made);
        PropertyException.Unless(made.Length == after.Header.TargetBytes && Sha256Digest.Of(made.ToArray()) == after.Header.Target, "Another file than was promised was built.");
        return "built";
    }

    [ThreadStatic]
    private static PixelBuffer? _pixels;

    private static string Image(byte[] input)
    {
        ImageDecoder.Decode(input, _pixels ??= new PixelBuffer());
        PropertyException.Unless(_pixels.Rgbx.Length == _pixels.Width * _pixels.Height * 4 && (long)_pixels.Width * _pixels.Height <= ImageDecoder.PixelsMax, "More pixels than are decoded.");
        return "pixels";
    }
}
