using System.Text.Json;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Cli.Models;

/// <summary>What <c>model pack -o json</c> prints: folder, package, report.</summary>
internal static class PackResultJson
{
    public static string Of(PackResult.Packed packed)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("folder", packed.Folder);
            json.WriteString("name", packed.Package.Name);
            json.WriteString("version", packed.Package.Version);
            json.WriteString("digest", packed.Package.Digest.Value);
            if (packed.Manifest.Unproven is { } unproven)
                json.WriteString("unproven", unproven);
            json.WritePropertyName("report");
            JsonSerializer.Serialize(json, packed.Report, WireJson.Default.PackageReport);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
