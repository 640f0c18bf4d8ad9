using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Models;

/// <summary>A manifest that cannot be used; the text lists every fault.</summary>
public sealed class ManifestException(string message) : Exception(message);

/// <summary>Reads manifests and says everything that is wrong with one, since they come from outside.</summary>
public static class ManifestReader
{
    /// <summary>Largest manifest, in bytes.</summary>
    public const int BytesMax = 256 * 1024;

    private const int InputElementsMax = 64 * 1024 * 1024;

    /// <summary>Reads and checks a manifest.</summary>
    /// <exception cref="ManifestException">Not JSON, another format, or faults in it.</exception>
    public static Manifest Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax)
            throw new ManifestException($"The manifest has {bytes.Length} bytes; at most {BytesMax} are read.");

        Manifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize(bytes, WireJson.Default.Manifest) ?? throw new ManifestException("The manifest is 'null'.");
        }
        catch (JsonException e)
        {
            // The format is asked for first: a newer one may well have other fields.
            if (FormatOf(bytes) is { } format && format != Manifest.KnownFormat)
                throw new ManifestException(OtherFormat(format));
            throw new ManifestException($"The manifest cannot be read: {e.Message}");
        }

        if (manifest.Format != Manifest.KnownFormat)
            throw new ManifestException(OtherFormat(manifest.Format));
        if (HoldsNothing(bytes))
            throw new ManifestException("The manifest has a list with 'null' in it.");

        var faults = Faults(manifest).ToList();
        return faults.Count == 0
            ? manifest
            : throw new ManifestException($"The manifest of {manifest.Name} {manifest.Version} has {faults.Count} fault(s): {string.Join(" ", faults)}");
    }

    // The serializer refuses null for a property that may not be null, and lets it through in a list.
    private static bool HoldsNothing(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes);
        var isList = new Stack<bool>();
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                isList.Push(reader.TokenType == JsonTokenType.StartArray);
            else if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                isList.Pop();
            else if (reader.TokenType == JsonTokenType.Null && isList.Peek())
                return true;
        }

        return false;
    }

    private static string OtherFormat(int format) =>
        $"The manifest has format {format}; this version of EdgeFleet reads {Manifest.KnownFormat}. Update EdgeFleet here, or pack the model with an older one.";

    private static int? FormatOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes.ToArray());
            return document.RootElement.TryGetProperty("format", out var format) && format.TryGetInt32(out var number) ? number : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Faults(Manifest m)
    {
        if (!Names.IsDnsLabel(m.Name, 2, 63))
            yield return $"name '{m.Name}' is not 2 to 63 characters of a-z, 0-9 and '-'.";
        if (!Names.IsVersion(m.Version))
            yield return $"version '{m.Version}' does not look like 2.0.1.";
        if (m.ReleaseFloor.Length > 0 && (!Names.IsVersion(m.ReleaseFloor) || ReleaseVersion.Compare(m.ReleaseFloor, m.Version) > 0))
            yield return $"release floor '{m.ReleaseFloor}' is not a version up to its own, {m.Version}.";
        if (m.Variants.Count is 0 or > 16)
            yield return $"it has {m.Variants.Count} variants; 1 to 16 are allowed.";
        if (!(m.Budgets.P95LatencyMs > 0) || m.Budgets.MemoryMb <= 0)
            yield return "budgets must be above 0.";
        foreach (var fault in m.Shadow?.Faults() ?? [])
            yield return fault;

        foreach (var fault in InputFaults(m.Input).Concat(TaskFaults.Of(m)).Concat(m.Alerts.SelectMany(a => AlertFaults(a, m.Output.Labels))).Concat(FileFaults(m)))
            yield return fault;
    }

    private static IEnumerable<string> InputFaults(InputSpec input)
    {
        var image = input.Kind == "image";
        if (!image && input.Kind != "series")
            yield return $"input kind '{input.Kind}' is not image or series.";
        if (image ? input.Layout is not ("NCHW" or "NHWC") : input.Layout is not ("NCT" or "NTC"))
            yield return $"layout '{input.Layout}' does not fit input kind '{input.Kind}'.";
        if (image ? input.Width is < 1 or > 8192 || input.Height is < 1 or > 8192 : input.Length is < 1 or > 1_000_000 || input.Columns is not { Count: >= 1 and <= 256 })
            yield return "the input has no usable size.";
        else if ((long)input.Channels * (image ? (long)input.Width * input.Height : input.Length) > InputElementsMax)
            yield return $"the input has more than {InputElementsMax} values.";
        if (image && input.ColourOrder is not ("RGB" or "BGR"))
            yield return $"colour order '{input.ColourOrder}' is not RGB or BGR.";
        if (image && input.Resize is not { Method: "bilinear" })
            yield return "resize must be bilinear.";
        if (input.Scale.Count != input.Channels || input.Offset.Count != input.Channels)
            yield return $"scale has {input.Scale.Count} and offset {input.Offset.Count} values for {input.Channels} channels.";
        if (!input.Scale.Concat(input.Offset).All(float.IsFinite))
            yield return "scale and offset must be finite.";
    }

    private static IEnumerable<string> AlertFaults(AlertRule rule, IReadOnlyList<string> labels)
    {
        if (!Names.IsDnsLabel(rule.Id, 1, 63))
            yield return $"alert '{rule.Id}' is not a name.";
        if (!labels.Contains(rule.Label))
            yield return $"alert '{rule.Id}' is about '{rule.Label}', which is not a label.";
        if (rule.Severity is not ("critical" or "warning" or "info"))
            yield return $"alert '{rule.Id}' has severity '{rule.Severity}'.";
        if (rule.AreaMin is not (>= 0 and <= 1))
            yield return $"alert '{rule.Id}' asks for an area of {rule.AreaMin}; it is a share of the image, 0 to 1.";
        if (rule.Seen < 1 || rule.Of < rule.Seen || rule.Of > 1000 || rule.ClearAfter is < 1 or > 100_000)
            yield return $"alert '{rule.Id}' asks for {rule.Seen} of {rule.Of} and ends after {rule.ClearAfter}.";
    }

    private static IEnumerable<string> FileFaults(Manifest m)
    {
        foreach (var file in m.AllFiles)
        {
            if (!IsPlainPath(file.Path))
                yield return $"file path '{file.Path}' leaves the package or is not plain.";
            if (file.Digest.Value is null || file.Size is < 0 or > 4L * 1024 * 1024 * 1024)
                yield return $"file '{file.Path}' has no digest or no sane size.";
        }

        foreach (var file in new[] { m.Labels, m.Golden, m.Reference })
        {
            if (!m.Files.Any(f => f.Digest == file.Digest))
                yield return $"file '{file.Path}' is not in the list of files.";
        }

        foreach (var twice in m.Variants.GroupBy(v => v.Name).Where(g => g.Count() > 1))
            yield return $"variant '{twice.Key}' stands twice.";
    }

    private static bool IsPlainPath(string path) =>
        path is { Length: >= 1 and <= 200 } && path[0] != '/' && !path.Split('/').Any(p => p is "" or "." or "..")
        && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/');
}
