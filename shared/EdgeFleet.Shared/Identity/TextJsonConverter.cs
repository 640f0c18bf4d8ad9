using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Identity;

/// <summary>Writes an id type as its text and reads it through its own parser, so that no message carries an id that is not one.</summary>
public abstract class TextJsonConverter<T>(Func<string, T> parse) : JsonConverter<T>
    where T : struct
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <inheritdoc/>
    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString()!);

    private T Parse(string? text)
    {
        try
        {
            return parse(text ?? "");
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message);
        }
    }
}
