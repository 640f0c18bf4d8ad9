using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>The desired document in force, in its envelope, with the keys that may sign the next one.</summary>
internal sealed record HeldDesired
{
    /// <summary>Version of the file.</summary>
    public int V { get; init; } = 1;

    /// <summary>CA of the control plane that it came from: after an enrolment elsewhere it no longer counts.</summary>
    public required Sha256Digest Ca { get; init; }

    /// <summary>The document as it came.</summary>
    public required Envelope Envelope { get; init; }

    /// <summary>Keys in force.</summary>
    public required IReadOnlyList<PublicKey> Keys { get; init; }

    /// <summary>The document, read from the envelope. Its signature was checked before it was written.</summary>
    [JsonIgnore]
    public DesiredDocument? Document { get; init; }
}

/// <summary>Keeps the desired document: <c>desired.json</c>, replaced whole.</summary>
internal sealed class DesiredStore(string stateFolder)
{
    private readonly string _path = Path.Combine(stateFolder, "desired.json");

    /// <summary>Reads what is held of a device's control plane; null when there is none, with the reason when there is one that cannot be used.</summary>
    public HeldDesired? Load(DeviceId device, Sha256Digest ca, out string? error)
    {
        error = null;
        if (!File.Exists(_path))
            return null;

        try
        {
            var held = JsonSerializer.Deserialize(File.ReadAllBytes(_path), ConnectivityJson.Default.HeldDesired)
                ?? throw new JsonException("it is 'null'");
            if (held.V != 1)
                throw new JsonException($"it has version {held.V} and this agent knows 1");
            if (held.Ca != ca)
                return null;

            var document = DesiredPolicy.Read(Convert.FromBase64String(held.Envelope.Payload), out var cause) ?? throw new JsonException(cause);
            return document.Device == device ? held with { Document = document } : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            error = $"{_path} cannot be used: {e.Message} What runs goes on; the control plane sends the wishes again.";
            return null;
        }
    }

    /// <summary>Writes it durably.</summary>
    /// <exception cref="IOException">It was not written; what was held is still in force.</exception>
    public void Save(HeldDesired held) => DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(held, ConnectivityJson.Default.HeldDesired));
}

/// <summary>Source-generated JSON of the files of this folder.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(HeldDesired))]
internal sealed partial class ConnectivityJson : JsonSerializerContext;
