using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>Changes values, kinds, names, counts and depth of JSON, and now and then its text.</summary>
internal sealed class JsonMutator : IMutator
{
    private const int NodesMax = 4000;
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 512, AllowTrailingCommas = true };
    private static readonly JsonSerializerOptions DeepWriter = new() { MaxDepth = 1024 };

    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1", "1.5", "-0", "1e400", "-1e400", "1e-400", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "9007199254740993",
        "2147483648", "4294967296", "0.1e1", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"../../etc/passwd\"", "\"a b\"", "\"NaN\"", "\"Infinity\"", "\"9999-99-99\"", "\"\\u202e\"", "[]", "{}", "[[]]", "[null]", "{\"\":null}",
    ];

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        try
        {
            return MutateJson(input, other, random);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // What reads as JSON may hold texts that are no UTF-8, or a name that comes twice.
            return new ByteMutator().Mutate(input, other, random);
        }
    }

    private static byte[] MutateJson(byte[] input, byte[] other, Random random)
    {
        if (Parse(input) is not { } root)
            return new ByteMutator().Mutate(input, other, random);
        if (random.Next(12) == 0)
            return Text(input, random);

        var nodes = Nodes(root).Take(NodesMax).ToList();
        var node = nodes[random.Next(nodes.Count)];
        switch (random.Next(8))
        {
            case 0 when node is JsonObject { Count: > 0 } o: o.Remove(o.ElementAt(random.Next(o.Count)).Key); break;
            case 1 when node is JsonArray { Count: > 0 } a: a.RemoveAt(random.Next(a.Count)); break;
            case 2 when node is JsonArray { Count: > 0 } a: Repeat(a, random); break;
            case 3 when node is JsonObject o: o[Names(random)] = Value(random); break;
            case 4 when node is JsonObject { Count: > 0 } o: Rename(o, random); break;
            case 5 when Parse(other) is { } from: Put(node, Nodes(from).ElementAtOrDefault(random.Next(64)) ?? from, random); break;
            case 6: Put(node, Nested(random), random); break;
            default: Put(node, Value(random), random); break;
        }

        return Write(root);
    }

    private static JsonNode? Parse(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: Deep) is JsonObject o && o.Count >= 0 ? o : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            return null; // No JSON any more, or a name that comes twice.
        }
    }

    private static byte[] Write(JsonNode root)
    {
        try
        {
            return Encoding.UTF8.GetBytes(root.ToJsonString(DeepWriter));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return "{}"u8.ToArray(); // A lone surrogate cannot be written.
        }
    }

    private static IEnumerable<JsonNode> Nodes(JsonNode root)
    {
        var waiting = new Stack<JsonNode>([root]);
        while (waiting.TryPop(out var node))
        {
            yield return node;
            var below = node switch
            {
                JsonObject o => o.Select(p => p.Value),
                JsonArray a => a,
                _ => [],
            };
            foreach (var next in below.OfType<JsonNode>())
                waiting.Push(next);
        }
    }

    // In the place of a node, or of one of its parts.
    private static void Put(JsonNode node, JsonNode? value, Random random)
    {
        var copy = value?.DeepClone();
        switch (node)
        {
            case JsonObject { Count: > 0 } o: o[o.ElementAt(random.Next(o.Count)).Key] = copy; break;
            case JsonArray { Count: > 0 } a: a[random.Next(a.Count)] = copy; break;
            case JsonArray a: a.Add(copy); break;
            case { Parent: JsonObject p }: p[node.GetPropertyName()] = copy; break;
            case { Parent: JsonArray p }: p[node.GetElementIndex()] = copy; break;
            default: break;
        }
    }

    private static void Repeat(JsonArray array, Random random)
    {
        var one = array[random.Next(array.Count)];
        for (var times = 1 + random.Next(1 << random.Next(1, 10)); times > 0; times--)
            array.Add(one?.DeepClone());
    }

    private static void Rename(JsonObject o, Random random)
    {
        var (name, value) = o.ElementAt(random.Next(o.Count));
        o.Remove(name);
        o[random.Next(2) == 0 ? name.ToUpperInvariant() : Names(random)] = value;
    }

    private static string Names(Random random) => random.Next(3) switch
    {
        0 => "v",
        1 => new string('x', 1 + random.Next(300)),
        _ => "$type",
    };

    private static JsonNode? Value(Random random) => random.Next(6) switch
    {
        0 => JsonValue.Create(new string((char)('a' + random.Next(26)), 1 << random.Next(16))),
        1 => JsonValue.Create(random.NextInt64()),
        2 => JsonValue.Create(random.NextDouble() * Math.Pow(10, random.Next(-300, 300))),
        _ => JsonNode.Parse(Values[random.Next(Values.Length)]),
    };

    private static JsonNode Nested(Random random)
    {
        JsonNode inner = new JsonArray();
        for (var depth = random.Next(60); depth > 0; depth--)
            inner = random.Next(2) == 0 ? new JsonArray(inner) : new JsonObject { ["v"] = inner };
        return inner;
    }

    private static byte[] Text(byte[] input, Random random)
    {
        var text = Encoding.UTF8.GetString(input);
        var at = random.Next(text.Length + 1);
        string[] pieces = ["\u0000", ",", "}", "{", "[", "\"", "\\", "\\u0000", "/*", "//", "\uFEFF", "1e999", "\"v\":1,\"v\":2,", "\ud800"];
        return Encoding.UTF8.GetBytes(text.Insert(at, pieces[random.Next(pieces.Length)]));
    }
}
