using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.Cli.Samples;

/// <summary>
/// A folder of labelled photos that a fleet collected: <c>LABEL/*.jpg</c>, what has no label in <c>_unsettled/</c>, and <c>provenance.csv</c>. It can be filled again:
/// a photo whose label changed moves, and nothing that this folder did not write is touched.
/// </summary>
internal sealed class SampleFolder
{
    /// <summary>Where photos without a label lie.</summary>
    public const string Unsettled = "_unsettled";

    /// <summary>The table that says where each photo is from.</summary>
    public const string Provenance = "provenance.csv";

    private const string Header = "file,label,device,site,slot,model,version,seen_at,answer,confidence,verdict,correction,who,judged_at,alert,sha256,why";

    private const UnixFileMode ModeOfSamples = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _path;
    private readonly HashSet<string> _before;

    private SampleFolder(string path, HashSet<string> before) => (_path, _before) = (path, before);

    /// <summary>Opens a folder that is absent, empty, or was filled before.</summary>
    /// <exception cref="UsageException">There are other things in it.</exception>
    public static SampleFolder Open(string path)
    {
        var table = Path.Combine(path, Provenance);
        if (File.Exists(table))
        {
            using var lines = File.ReadLines(table).GetEnumerator();
            if (!lines.MoveNext() || lines.Current != Header) throw new UsageException($"{table} was not written by this command, or by another version of it. Give another --out.");
            var files = new HashSet<string>(StringComparer.Ordinal);
            while (lines.MoveNext()) files.Add(lines.Current.Split(',')[0]);
            return new SampleFolder(path, files);
        }

        return !Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any()
            ? new SampleFolder(path, [])
            : throw new UsageException($"{path} has other things in it. Give --out a folder that is new, empty, or was filled by this command.");
    }

    /// <summary>The name that a sample has in the folder, with slashes.</summary>
    public static string NameOf(SettledSample sample) =>
        $"{(sample.Label is null ? Unsettled : Plain(sample.Label))}/{Plain(sample.Last.Device)}_{Plain(sample.Last.Slot)}_{sample.Last.SeenAt.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}_{sample.Photo[..12]}.jpg";

    /// <summary>Whether the photo lies here already, under whatever label; then it is moved to its place and not fetched again.</summary>
    public bool HasMoved(SettledSample sample)
    {
        var (name, place) = (NameOf(sample), PathOf(NameOf(sample)));
        if (Holds(place, sample.Photo)) return true;
        var old = _before.FirstOrDefault(f => f != name && f.EndsWith($"_{sample.Photo[..12]}.jpg", StringComparison.Ordinal) && IsPlain(f));
        if (old is null || !Holds(PathOf(old), sample.Photo)) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.Move(PathOf(old), place, overwrite: true);
        return true;
    }

    /// <summary>Writes a photo, whole or not at all.</summary>
    /// <exception cref="IOException">The bytes are not the photo that was asked for.</exception>
    public void Add(SettledSample sample, byte[] photo)
    {
        if (Convert.ToHexStringLower(SHA256.HashData(photo)) != sample.Photo)
            throw new IOException($"The photo {sample.Photo[..12]}... came damaged.");
        var place = PathOf(NameOf(sample));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        DurableFile.Replace(place, photo, ModeOfSamples);
    }

    /// <summary>Writes the table, then takes away what an earlier pull wrote and this one no longer has.</summary>
    public void Finish(IReadOnlyList<SettledSample> samples)
    {
        var text = new StringBuilder(Header).Append('\n');
        foreach (var sample in samples) text.Append(Row(sample)).Append('\n');
        Directory.CreateDirectory(_path);
        DurableFile.Replace(Path.Combine(_path, Provenance), Encoding.UTF8.GetBytes(text.ToString()), ModeOfSamples);
        foreach (var gone in _before.Except(samples.Select(NameOf)).Where(f => IsPlain(f) && File.Exists(PathOf(f)))) File.Delete(PathOf(gone));
        foreach (var folder in Directory.GetDirectories(_path).Where(d => !Directory.EnumerateFileSystemEntries(d).Any())) Directory.Delete(folder);
    }

    private static string Row(SettledSample sample)
    {
        var last = sample.Last;
        var (model, version) = last.Model.Split('@') is [var name, var number] ? (name, number) : (last.Model, "");
        return string.Join(',', new[]
        {
            NameOf(sample), sample.Label ?? "", last.Device, last.Site, last.Slot, model, version, Time(last.SeenAt), last.Answer, last.Confidence.ToString("0.####", CultureInfo.InvariantCulture),
            string.Join(' ', sample.Verdicts.Select(v => v.Verdict)), string.Join(' ', sample.Verdicts.Select(v => v.Label).OfType<string>()), string.Join(' ', sample.Verdicts.Select(v => v.Who)),
            Time(last.JudgedAt), last.Alert.ToString(CultureInfo.InvariantCulture), sample.Photo, sample.Why,
        }.Select(Field));
    }

    // A name that a spreadsheet would take for a formula is only text.
    private static string Field(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@', ..] ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal).Replace('\n', ' ').Replace('\r', ' ')}\"" : safe;
    }

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    // Labels and names come from a server: none may lead out of the folder.
    private static string Plain(string text)
    {
        var plain = new string([.. text.Select(c => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or ' ' ? c : '-')]).Trim(' ');
        return plain is [] or ['.' or '_', ..] ? "-" + plain : plain[..Math.Min(plain.Length, 100)];
    }

    private static bool IsPlain(string name) => name.Split('/') is [{ Length: > 0 } folder, { Length: > 0 } file] && folder != ".." && file != ".." && !name.Contains('\\', StringComparison.Ordinal);

    private static bool Holds(string path, string sha256) => File.Exists(path) && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) == sha256;

    private string PathOf(string name) => Path.Combine(_path, name);
}
