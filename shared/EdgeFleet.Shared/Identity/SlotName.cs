using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Identity;

/// <summary>Name of a slot, the place on a device where one model runs on one source. 1 to 32 characters of <c>a-z 0-9 -</c>.</summary>
[JsonConverter(typeof(SlotNameJsonConverter))]
public readonly record struct SlotName
{
    private SlotName(string value) => Value = value;

    /// <summary>The name as text.</summary>
    public string Value { get; }

    /// <summary>Reads a name; false if the text is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SlotName name)
    {
        name = Names.IsDnsLabel(text, minLength: 1, maxLength: 32) ? new SlotName(text) : default;
        return name.Value is not null;
    }

    /// <summary>Reads a name.</summary>
    /// <exception cref="FormatException">The text is not a slot name.</exception>
    public static SlotName Parse(string text) => TryParse(text, out var name)
        ? name
        : throw new FormatException($"'{text}' is not a slot name: 1 to 32 characters of a-z, 0-9 and '-', beginning with a letter or digit.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Text form in JSON. Public, because JSON contexts of other assemblies construct it.</summary>
public sealed class SlotNameJsonConverter() : TextJsonConverter<SlotName>(SlotName.Parse);
