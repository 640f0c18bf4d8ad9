using System.Globalization;
using System.Text.Json;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>An object of a document that is not trusted yet: every field is asked for by name and kind, and a wrong one is named.</summary>
internal readonly struct TufJson
{
    // The fraction is not in the specification, but repositories write it.
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'";

    private readonly JsonElement _value;
    private readonly string _role;
    private readonly string _path;

    public TufJson(JsonElement value, string role, string path = "")
    {
        (_value, _role, _path) = (value, role, path);
        if (value.ValueKind != JsonValueKind.Object)
            throw Fault("is not an object");
    }

    public JsonElement Value => _value;

    public TufJson Object(string name) => new(Get(name, JsonValueKind.Object), _role, Under(name));

    public TufJson? OptionalObject(string name) => Has(name) ? Object(name) : null;

    public string Text(string name) => Read(Get(name, JsonValueKind.String), name);

    public bool Flag(string name) => _value.TryGetProperty(name, out var value)
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Fault($"has '{name}' that is neither true nor false"));

    public long Count(string name, long least, long most = int.MaxValue) =>
        Get(name, JsonValueKind.Number).TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw Fault($"has '{name}' that is not a number from {least} to {most}");

    public long? OptionalCount(string name, long least, long most) => Has(name) ? Count(name, least, most) : null;

    public DateTimeOffset Time(string name) =>
        DateTimeOffset.TryParseExact(Text(name), TimeForm, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw Fault($"has '{name}' that is not a time");

    public IReadOnlyList<string> Texts(string name)
    {
        var self = this;
        return [.. Get(name, JsonValueKind.Array).EnumerateArray().Select(e => self.Read(e, name))];
    }

    public IReadOnlyList<TufJson> Objects(string name)
    {
        var (role, path) = (_role, Under(name));
        return [.. Get(name, JsonValueKind.Array).EnumerateArray().Select(e => new TufJson(e, role, path))];
    }

    public Dictionary<string, T> Map<T>(string name, Func<TufJson, T> read)
    {
        var all = Object(name);
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var member in all._value.EnumerateObject())
            map[member.Name] = read(new TufJson(member.Value, _role, all.Under(member.Name)));
        return map;
    }

    public Dictionary<string, string>? OptionalTexts(string name)
    {
        if (OptionalObject(name) is not { } all)
            return null;

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in all._value.EnumerateObject())
            map[member.Name] = all.Read(member.Value, member.Name);
        return map;
    }

    public bool Has(string name) => _value.TryGetProperty(name, out _);

    public TufException Fault(string what) => new(TufFault.Malformed, _role, $"the document{(_path.Length == 0 ? "" : $" at '{_path}'")} {what}.");

    private string Read(JsonElement value, string name)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Fault($"has '{name}' that is not text");
        }
        catch (InvalidOperationException)
        {
            throw Fault($"has '{name}' that is not Unicode text");
        }
    }

    private JsonElement Get(string name, JsonValueKind kind) =>
        _value.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw Fault($"has no '{name}' of the kind {kind}");

    private string Under(string name) => _path.Length == 0 ? name : $"{_path}.{name}";
}
