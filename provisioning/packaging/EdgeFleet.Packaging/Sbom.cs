using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeFleet.Packaging;

/// <summary>What a bill of materials is about.</summary>
internal sealed record SbomSubject(string Name, string Version, DateTimeOffset Time);

/// <summary>Writes a bill of materials in CycloneDX 1.5 JSON. The same inputs give the same bytes: the serial number is a hash of the content.</summary>
internal static class Sbom
{
    private static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The document.</summary>
    public static string Write(SbomSubject subject, IReadOnlyList<NuGetPackage> packages, IReadOnlyList<PayloadFile> files)
    {
        var content = string.Join('\n', [$"{subject.Name} {subject.Version}", .. packages.Select(p => $"{p.Name} {p.Version} {p.Sha512}"), .. files.Select(f => $"{f.Name} {f.Sha256}")]);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Readable))
        {
            json.WriteStartObject();
            json.WriteString("bomFormat", "CycloneDX");
            json.WriteString("specVersion", "1.5");
            json.WriteString("serialNumber", $"urn:uuid:{new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(content)).AsSpan(0, 16), bigEndian: true)}");
            json.WriteNumber("version", 1);
            WriteSubject(json, subject);
            json.WriteStartArray("components");
            foreach (var package in packages)
                WritePackage(json, package);
            foreach (var file in files)
                WriteFile(json, file);
            json.WriteEndArray();
            WriteNeeds(json, packages);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteSubject(Utf8JsonWriter json, SbomSubject subject)
    {
        json.WriteStartObject("metadata");
        json.WriteString("timestamp", subject.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteStartObject("component");
        json.WriteString("type", "application");
        json.WriteString("bom-ref", $"pkg:deb/{subject.Name}@{subject.Version}");
        json.WriteString("name", subject.Name);
        json.WriteString("version", subject.Version);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePackage(Utf8JsonWriter json, NuGetPackage package)
    {
        json.WriteStartObject();
        json.WriteString("type", "library");
        json.WriteString("bom-ref", Purl(package));
        json.WriteString("name", package.Name);
        json.WriteString("version", package.Version);
        json.WriteString("purl", Purl(package));
        if (package.Sha512 is not null)
            WriteHash(json, "SHA-512", package.Sha512);
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, PayloadFile file)
    {
        json.WriteStartObject();
        json.WriteString("type", "file");
        json.WriteString("bom-ref", $"file:{file.Name}");
        json.WriteString("name", file.Name);
        WriteHash(json, "SHA-256", file.Sha256);
        json.WriteEndObject();
    }

    private static void WriteHash(Utf8JsonWriter json, string algorithm, string hex)
    {
        json.WriteStartArray("hashes");
        json.WriteStartObject();
        json.WriteString("alg", algorithm);
        json.WriteString("content", hex);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteNeeds(Utf8JsonWriter json, IReadOnlyList<NuGetPackage> packages)
    {
        var byName = packages.ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        json.WriteStartArray("dependencies");
        foreach (var package in packages)
        {
            json.WriteStartObject();
            json.WriteString("ref", Purl(package));
            json.WriteStartArray("dependsOn");
            foreach (var need in package.Needs.Where(byName.ContainsKey))
                json.WriteStringValue(Purl(byName[need]));
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Purl(NuGetPackage package) => $"pkg:nuget/{package.Name}@{package.Version}";
}
