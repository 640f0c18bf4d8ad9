namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>Streams of MQTT packets: types, flags, lengths in more or fewer bytes than they need, and bodies that are shorter or longer than was said.</summary>
internal sealed class PacketMutator : IMutator
{
    private static readonly int[] Lengths = [0, 1, 127, 128, 1023, 1024, 1025, 4095, 4096, 4097, 16_383, 16_384, 16_385, 131_071, 132_095, 132_096, 132_097, 2_097_151, 2_097_152, 268_435_455];

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        var length = random.Next(3) == 0 ? Lengths[random.Next(Lengths.Length)] : random.Next(1 << random.Next(1, 15));
        var body = new byte[random.Next(4) == 0 ? random.Next(64) : Math.Min(length, 8192)];
        byte[] packet = [(byte)random.Next(256), .. Varint(length, random), .. body];
        return random.Next(3) switch
        {
            0 => packet,
            1 => Capped([.. packet, .. input]),
            _ => Capped([.. input, .. packet]),
        };
    }

    private static IEnumerable<byte> Varint(int value, Random random)
    {
        var padded = random.Next(8) == 0 ? 1 + random.Next(5) : 0;
        do
        {
            var more = value > 0x7F || padded > 0;
            yield return (byte)((value & 0x7F) | (more ? 0x80 : 0));
            value >>= 7;
            if (!more)
                yield break;
            padded--;
        }
        while (true);
    }

    private static byte[] Capped(byte[] bytes) => bytes.Length > 64 * 1024 ? bytes[..(64 * 1024)] : bytes;
}

/// <summary>Topics: levels left out, doubled, changed, with what topics must not have.</summary>
internal sealed class TopicMutator : IMutator
{
    private static readonly string[] Levels = ["ef", "1", "d", "up", "down", "state", "hello", "reported", "tele", "event", "blob", "cmd", "log", "desired", "ack", "leaf-1", "+", "#", "", "..", "$SYS", "é", "\0", "\ud800", "-", "A"];

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        var levels = System.Text.Encoding.UTF8.GetString(input).Split('/').ToList();
        var at = random.Next(levels.Count);
        switch (random.Next(5))
        {
            case 0: levels[at] = Levels[random.Next(Levels.Length)]; break;
            case 1: levels.RemoveAt(at); break;
            case 2: levels.Insert(at, Levels[random.Next(Levels.Length)]); break;
            case 3: levels[at] += Levels[random.Next(Levels.Length)]; break;
            default: levels[at] = new string((char)random.Next(32, 300), random.Next(200)); break;
        }

        return System.Text.Encoding.UTF8.GetBytes(string.Join('/', levels));
    }
}
