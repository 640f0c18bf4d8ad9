using System.Buffers;
using System.Text;
using System.Text.Json;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>
/// The one byte form of a JSON value that signatures are made over (OLPC canonical JSON): no spaces, names in the order of their code points,
/// integers only, and in strings nothing but <c>"</c> and <c>\</c> escaped.
/// </summary>
public static class CanonicalJson
{
    /// <summary>Bytes of a value.</summary>
    /// <exception cref="FormatException">It holds a fraction, or text that is not Unicode.</exception>
    public static byte[] Encode(JsonElement value)
    {
        var output = new ArrayBufferWriter<byte>();
        Write(value, output);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement value, ArrayBufferWriter<byte> output)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value, output);
                break;
            case JsonValueKind.Array:
                var first = true;
                output.Write("["u8);
                foreach (var item in value.EnumerateArray())
                {
                    Separate(ref first, output);
                    Write(item, output);
                }

                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteText(Text(value), output);
                break;
            case JsonValueKind.Number:
                var number = value.GetRawText();
                if (number == "-0" || number.Any(c => c != '-' && !char.IsAsciiDigit(c)))
                    throw new FormatException($"{number} is not an integer.");
                output.Write(Encoding.ASCII.GetBytes(number));
                break;
            default:
                output.Write(value.ValueKind switch { JsonValueKind.True => "true"u8, JsonValueKind.False => "false"u8, _ => "null"u8 });
                break;
        }
    }

    private static void WriteObject(JsonElement value, ArrayBufferWriter<byte> output)
    {
        // Code points have the order of their UTF-8 bytes, and not that of UTF-16.
        var members = value.EnumerateObject().Select(m => (Name: Bytes(Name(m)), m.Value)).ToList();
        members.Sort((a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        var first = true;
        output.Write("{"u8);
        foreach (var (name, member) in members)
        {
            Separate(ref first, output);
            WriteEscaped(name, output);
            output.Write(":"u8);
            Write(member, output);
        }

        output.Write("}"u8);
    }

    private static void Separate(ref bool first, ArrayBufferWriter<byte> output)
    {
        if (!first)
            output.Write(","u8);
        first = false;
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> output) => WriteEscaped(Bytes(text), output);

    private static void WriteEscaped(byte[] text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        foreach (var b in text)
        {
            if (b is (byte)'"' or (byte)'\\')
                output.Write("\\"u8);
            output.Write([b]);
        }

        output.Write("\""u8);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("A name is not Unicode text.", e);
        }
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("A text is not Unicode.", e);
        }
    }
}
