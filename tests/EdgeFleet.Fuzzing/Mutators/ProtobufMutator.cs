using System.Text;

namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>
/// Protobuf without a schema: fields are taken apart as far as their bytes read as fields, one is changed, and lengths above it are written anew,
/// so that a change deep inside still arrives there.
/// </summary>
internal sealed class ProtobufMutator : IMutator
{
    private const int DepthMax = 8;
    private const int FieldsMax = 2000;
    private static readonly ulong[] Numbers = [0, 1, 2, 7, 127, 128, 255, 65_535, int.MaxValue, uint.MaxValue, long.MaxValue, ulong.MaxValue, 1UL << 40];
    private readonly ByteMutator _bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        if (Read(input, 0) is not { Count: > 0 } fields)
            return _bytes.Mutate(input, other, random);

        var lists = Lists(fields).Take(FieldsMax).ToList();
        var list = lists[random.Next(lists.Count)];
        var at = random.Next(list.Count);
        var field = list[at];
        switch (random.Next(9))
        {
            case 0: list.RemoveAt(at); break;
            case 1: list.InsertRange(at, Enumerable.Repeat(field, 1 + random.Next(1 << random.Next(1, 10)))); break;
            case 2: field.Number = random.Next(2) == 0 ? 1 + random.Next(32) : random.Next(1 << 29); break;
            case 3 when field.Bytes is not null: field.LengthLie = random.Next(3) switch { 0 => random.Next(1 << 30), 1 => int.MaxValue, _ => field.Bytes.Length + random.Next(-8, 9) }; break;
            case 4: Nest(list, field, random); break;
            case 5 when Read(other, 0) is { Count: > 0 } from: list.Insert(at, from[random.Next(from.Count)]); break;
            case 6 when field is { Bytes: not null, Fields: null }: field.Bytes = random.Next(4) == 0 ? Text(random) : _bytes.Mutate(field.Bytes, other, random); break;
            case 7: (field.Wire, field.Bytes, field.Fields, field.Value) = (0, null, null, Numbers[random.Next(Numbers.Length)]); break;
            default: field.Value = Numbers[random.Next(Numbers.Length)]; break;
        }

        var output = new MemoryStream();
        Write(fields, output, 0);
        return output.Length > ByteMutator.LengthMax ? output.ToArray()[..ByteMutator.LengthMax] : output.ToArray();
    }

    private static byte[] Text(Random random) => random.Next(3) switch
    {
        0 => Encoding.UTF8.GetBytes("Constant"),
        1 => [0xFF, 0xFE, 0xC0, 0x80],
        _ => Encoding.UTF8.GetBytes(new string('n', random.Next(2000))),
    };

    // The same field within itself, many times: readers that call themselves meet their end of the stack here.
    private static void Nest(List<Field> list, Field field, Random random)
    {
        var inner = field;
        for (var depth = 1 << random.Next(1, 11); depth > 0; depth--)
            inner = new Field { Number = field.Number, Wire = 2, Bytes = [], Fields = [inner] };
        list.Add(inner);
    }

    private static IEnumerable<List<Field>> Lists(List<Field> fields)
    {
        if (fields.Count > 0)
            yield return fields;
        foreach (var below in fields.Where(f => f.Fields is { Count: > 0 }).SelectMany(f => Lists(f.Fields!)))
            yield return below;
    }

    private static List<Field>? Read(ReadOnlySpan<byte> bytes, int depth)
    {
        var fields = new List<Field>();
        while (!bytes.IsEmpty)
        {
            if (fields.Count >= FieldsMax || Varint(ref bytes) is not { } key || key >> 3 is 0 or >= 1 << 29)
                return null;

            var field = new Field { Number = (int)(key >> 3), Wire = (int)(key & 7) };
            var fixedLength = field.Wire switch { 1 => 8, 5 => 4, _ => 0 };
            if (field.Wire == 0 && Varint(ref bytes) is { } value)
                field.Value = value;
            else if (field.Wire == 2 && Varint(ref bytes) is { } length && length <= (ulong)bytes.Length)
                Take(field, ref bytes, (int)length, depth);
            else if (fixedLength > 0 && bytes.Length >= fixedLength)
                Take(field, ref bytes, fixedLength, DepthMax);
            else
                return null;
            fields.Add(field);
        }

        return fields;
    }

    private static void Take(Field field, ref ReadOnlySpan<byte> bytes, int length, int depth)
    {
        field.Bytes = bytes[..length].ToArray();
        bytes = bytes[length..];
        if (depth < DepthMax && length > 1)
            field.Fields = Read(field.Bytes, depth + 1);
    }

    private static ulong? Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var i = 0; i < Math.Min(10, bytes.Length); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if ((bytes[i] & 0x80) == 0)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }

        return null;
    }

    private static void Write(List<Field> fields, MemoryStream to, int depth)
    {
        foreach (var field in fields)
        {
            if (to.Length > ByteMutator.LengthMax)
                return;

            PutVarint(to, (ulong)(uint)field.Number << 3 | (uint)field.Wire);
            if (field.Wire == 0)
            {
                PutVarint(to, field.Value);
                continue;
            }

            var body = field.Bytes ?? [];
            if (field.Fields is not null && depth < 3000)
            {
                var inner = new MemoryStream();
                Write(field.Fields, inner, depth + 1);
                body = inner.ToArray();
            }

            if (field.Wire == 2)
                PutVarint(to, (ulong)(field.LengthLie ?? body.Length));
            to.Write(body);
        }
    }

    private static void PutVarint(MemoryStream to, ulong value)
    {
        while (value > 0x7F)
        {
            to.WriteByte((byte)(value & 0x7F | 0x80));
            value >>= 7;
        }

        to.WriteByte((byte)value);
    }

    private sealed class Field
    {
        public int Number { get; set; }

        public int Wire { get; set; }

        public ulong Value { get; set; }

        public byte[]? Bytes { get; set; }

        public List<Field>? Fields { get; set; }

        public int? LengthLie { get; set; }
    }
}
