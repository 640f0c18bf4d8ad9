using System.Buffers.Binary;
using System.Text.Json;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>An inference request of the Open Inference Protocol, checked against the model's manifest.</summary>
internal sealed record InferRequest
{
    /// <summary>The one data type that models of slots take and give.</summary>
    public const string DataType = "FP32";

    private const int DepthMax = 16;

    /// <summary>Id to be sent back; null when there is none.</summary>
    public string? Id { get; private set; }

    /// <summary>The input tensor, flat and row-major.</summary>
    public required float[] Tensor { get; init; }

    /// <summary>Names of the outputs that are wanted; empty for all.</summary>
    public List<string> Outputs { get; } = [];

    /// <summary>The outputs are wanted as bytes after the JSON.</summary>
    public bool WantsBinary { get; private set; }

    /// <summary>Parses a request.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="binary">Bytes after it; empty when there are none.</param>
    /// <param name="input">The model's input.</param>
    /// <param name="outputs">Names of its outputs.</param>
    /// <param name="fault">What is wrong, when null is returned.</param>
    public static InferRequest? Parse(ReadOnlySpan<byte> json, ReadOnlySpan<byte> binary, TensorInfo input, IReadOnlyList<string> outputs, out string fault)
    {
        var request = new InferRequest { Tensor = new float[input.Elements] };
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = DepthMax });
            fault = request.Read(ref reader, binary, input, outputs) ?? "";
            return fault.Length == 0 ? request : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The reader's own sentence names line and place.
            fault = $"The request is not the JSON that is expected: {e.Message}";
            return null;
        }
    }

    private string? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> binary, TensorInfo input, IReadOnlyList<string> outputs)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return "The request is no JSON object.";

        string? fault = "The request has no 'inputs'.";
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "id":
                    Id = reader.GetString();
                    break;
                case "inputs":
                    fault = Inputs(ref reader, binary, input);
                    break;
                case "outputs":
                    if (ReadOutputs(ref reader, outputs) is { } unknown)
                        return unknown;
                    break;
                case "parameters":
                    Parameters(ref reader, "binary_data_output");
                    break;
                default:
                    reader.Skip();
                    break;
            }

            if (fault is not null && name == "inputs")
                return fault;
        }

        return fault ?? (reader.Read() ? "There is more after the request's JSON." : null);
    }

    private string? Inputs(ref Utf8JsonReader reader, ReadOnlySpan<byte> binary, TensorInfo input)
    {
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return "'inputs' must be a list with one tensor.";

        var given = new GivenTensor();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "name":
                    given.Name = reader.GetString();
                    break;
                case "datatype":
                    given.Type = reader.GetString();
                    break;
                case "shape":
                    given.Shape = Shape(ref reader);
                    break;
                case "data":
                    given.Count = Data(ref reader);
                    break;
                case "parameters":
                    given.BinaryBytes = Parameters(ref reader, "binary_data_size");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            return $"The model takes one input, '{input.Name}'.";
        return Misfit(given, binary, input);
    }

    private string? Misfit(GivenTensor given, ReadOnlySpan<byte> binary, TensorInfo input)
    {
        if (given.Name != input.Name)
            return $"The model takes one input, '{input.Name}', not '{given.Name}'.";
        if (given.Type != DataType)
            return $"The datatype of '{input.Name}' is {DataType}, not '{given.Type}'.";
        if (given.Shape is null || !given.Shape.SequenceEqual(input.Shape))
            return $"The shape of '{input.Name}' is [{string.Join(", ", input.Shape)}], not [{string.Join(", ", given.Shape ?? [])}].";
        if (given.BinaryBytes > 0)
            return Binary(given.BinaryBytes, binary);
        return given.Count == Tensor.Length ? null : $"'{input.Name}' has {Tensor.Length} values; {(given.Count < 0 ? "more" : given.Count)} are given, or some are no finite numbers.";
    }

    private string? Binary(long size, ReadOnlySpan<byte> binary)
    {
        if (size != binary.Length || size != Tensor.Length * sizeof(float))
            return $"binary_data_size is {size}, and {binary.Length} bytes follow the JSON; {Tensor.Length * sizeof(float)} are expected.";

        for (var i = 0; i < Tensor.Length; i++)
            Tensor[i] = BinaryPrimitives.ReadSingleLittleEndian(binary[(i * sizeof(float))..]);
        return Array.TrueForAll(Tensor, float.IsFinite) ? null : "Some values are no finite numbers.";
    }

    // Flat or nested, as the protocol allows; -1 when there are too many or some are no finite numbers.
    private int Data(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("'data' is no list");

        var (count, depth) = (0, reader.CurrentDepth);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
                continue;
            if (reader.TokenType != JsonTokenType.Number)
                throw new JsonException("'data' holds something else than numbers");
            var value = reader.GetSingle();
            if (count < 0 || count == Tensor.Length || !float.IsFinite(value))
                count = -1;
            else
                Tensor[count++] = value;
        }

        return count;
    }

    private static long[] Shape(ref Utf8JsonReader reader)
    {
        var shape = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray && shape.Count < DepthMax)
            shape.Add(reader.GetInt64());
        return [.. shape];
    }

    private string? ReadOutputs(ref Utf8JsonReader reader, IReadOnlyList<string> outputs)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("'outputs' is no list");

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                if (name == "parameters")
                    Parameters(ref reader, "binary_data");
                else if (name == "name")
                    Outputs.Add(reader.GetString() ?? "");
                else
                    reader.Skip();
            }
        }

        return Outputs.FirstOrDefault(o => !outputs.Contains(o)) is { } unknown ? $"The model gives {string.Join(", ", outputs)}, and no output '{unknown}'." : null;
    }

    // Numbers by name; flags that ask for binary output are noted.
    private long Parameters(ref Utf8JsonReader reader, string wanted)
    {
        var number = 0L;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("'parameters' is no object");

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.ValueTextEquals(wanted);
            reader.Read();
            if (isWanted && reader.TokenType == JsonTokenType.Number)
                number = reader.GetInt64();
            else if (isWanted && reader.TokenType == JsonTokenType.True)
                WantsBinary = true;
            else
                reader.Skip();
        }

        return number;
    }

    private record struct GivenTensor
    {
        public string? Name { get; set; }

        public string? Type { get; set; }

        public long[]? Shape { get; set; }

        public int Count { get; set; }

        public long BinaryBytes { get; set; }
    }
}
