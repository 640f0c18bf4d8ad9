using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Identity;

/// <summary>
/// Name of a device: the CN of its certificate, its MQTT user and its client id.
/// 3 to 63 characters of <c>a-z 0-9 -</c>, beginning with a letter or digit.
/// </summary>
[JsonConverter(typeof(DeviceIdJsonConverter))]
public readonly record struct DeviceId : IParsable<DeviceId>
{
    private DeviceId(string value) => Value = value;

    /// <summary>The id as text.</summary>
    public string Value { get; }

    /// <summary>Reads an id; false if the text is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeviceId id)
    {
        id = Names.IsDnsLabel(text, minLength: 3, maxLength: 63) ? new DeviceId(text) : default;
        return id.Value is not null;
    }

    /// <summary>Reads an id.</summary>
    /// <exception cref="FormatException">The text is not a device id.</exception>
    public static DeviceId Parse(string text) => TryParse(text, out var id)
        ? id
        : throw new FormatException($"'{text}' is not a device id: 3 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit.");

    static DeviceId IParsable<DeviceId>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<DeviceId>.TryParse(string? s, IFormatProvider? provider, out DeviceId result) => TryParse(s, out result);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

/// <summary>Text form in JSON. Public, because JSON contexts of other assemblies construct it.</summary>
public sealed class DeviceIdJsonConverter() : TextJsonConverter<DeviceId>(DeviceId.Parse);
