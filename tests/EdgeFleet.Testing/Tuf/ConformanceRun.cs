using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeFleet.Testing.Tuf;

/// <summary>A client under test: three commands, each ending in 0 or 1, over two folders that everybody may look into.</summary>
public interface IConformanceClient
{
    /// <summary>What it said last about why it refused.</summary>
    string Said { get; }

    /// <summary>Begins with a root.</summary>
    Task<int> InitAsync(byte[] root, string metadataFolder);

    /// <summary>Refreshes from a repository, at a time.</summary>
    Task<int> RefreshAsync(string metadataFolder, DateTimeOffset now);

    /// <summary>Refreshes, and downloads a file.</summary>
    Task<int> DownloadAsync(string metadataFolder, string targetsFolder, string target, DateTimeOffset now);
}

/// <summary>A case that a client did not pass.</summary>
public sealed class ConformanceException(string message) : Exception(message);

/// <summary>One case at work: a repository, a client's folders, and the commands so far with how they ended.</summary>
public sealed class ConformanceRun
{
    private readonly IConformanceClient _client;
    private readonly string _metadata;
    private readonly string _targets;
    private readonly List<string> _verdicts = [];

    /// <summary>A new repository and empty folders.</summary>
    /// <param name="folder">Where the client's folders are.</param>
    /// <param name="client">Makes the client, from what gives it a file by its path.</param>
    public ConformanceRun(string folder, Func<Func<string, byte[]?>, IConformanceClient> client)
    {
        _metadata = Directory.CreateDirectory(Path.Combine(folder, "metadata")).FullName;
        _targets = Directory.CreateDirectory(Path.Combine(folder, "targets")).FullName;
        (Source, TrustedRoot) = (Repository.Fetch, Repository.Served["root"][0]);
        _client = client(path => Source(path));
    }

    /// <summary>The repository.</summary>
    public SimulatedRepository Repository { get; } = new();

    /// <summary>What gives the client a file by its path: the repository, or a folder of files.</summary>
    public Func<string, byte[]?> Source { get; set; }

    /// <summary>The root that the client begins with.</summary>
    public byte[] TrustedRoot { get; set; }

    /// <summary>Every command and how it ended, in order: by this two clients are compared.</summary>
    public IReadOnlyList<string> Verdicts => _verdicts;

    /// <summary>Begins; the client may check the root here or later.</summary>
    public async Task BeginAsync() => Note("init", await _client.InitAsync(TrustedRoot, _metadata));

    /// <summary>Begins, which must work.</summary>
    public async Task InitAsync()
    {
        await BeginAsync();
        Must(_verdicts[^1] == "init 0", "init was refused");
    }

    /// <summary>Refreshes, and must end so.</summary>
    public async Task RefreshAsync(bool works, DateTimeOffset? now = null)
    {
        var code = Note("refresh", await _client.RefreshAsync(_metadata, now ?? TimeProvider.System.GetUtcNow()));
        Must(code == (works ? 0 : 1), $"refresh {_verdicts.Count} ended in {code}. {_client.Said}");
    }

    /// <summary>Downloads, and must end so.</summary>
    public async Task DownloadAsync(string target, bool? works, DateTimeOffset? now = null)
    {
        var code = Note("download", await _client.DownloadAsync(_metadata, _targets, target, now ?? TimeProvider.System.GetUtcNow()));
        Must(works is null || code == (works.Value ? 0 : 1), $"download of '{target}' ended in {code}. {_client.Said}");
    }

    /// <summary>Versions that the client trusts, by role; a delegated role's name is as the client writes it.</summary>
    public IReadOnlyDictionary<string, int> Trusted => Directory.EnumerateFiles(_metadata, "*.json").ToDictionary(
        f => Path.GetFileNameWithoutExtension(f), f => JsonNode.Parse(File.ReadAllBytes(f))!["signed"]!["version"]!.GetValue<int>());

    /// <summary>Refuses other trusted versions than these ("root 1, timestamp 2").</summary>
    public void MustTrust(string roles)
    {
        var trusted = string.Join(", ", Trusted.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key} {t.Value}"));
        Must(trusted == roles, $"trusts {trusted}; expected {roles}");
    }

    /// <summary>Refuses another trusted version of a role; null for none.</summary>
    public void MustTrust(string role, int? version) =>
        Must((Trusted.TryGetValue(role, out var trusted) ? trusted : null) == version, $"trusts {role} {(Trusted.TryGetValue(role, out var t) ? t : 0)}; expected {version}");

    /// <summary>Bytes that the client keeps of a role.</summary>
    public byte[] Kept(string role) => File.ReadAllBytes(Path.Combine(_metadata, $"{role}.json"));

    /// <summary>Refuses other downloaded files than these, in the order in which they were written.</summary>
    public void MustHave(params string[] files)
    {
        var have = Directory.EnumerateFiles(_targets, "*", SearchOption.AllDirectories).Select(f => File.ReadAllText(f, Encoding.UTF8)).Order(StringComparer.Ordinal);
        Must(have.SequenceEqual(files.Order(StringComparer.Ordinal)), $"has the files [{string.Join("; ", have)}]; expected [{string.Join("; ", files)}]");
    }

    /// <summary>Refuses other requests than these after so many ("root 2, timestamp").</summary>
    public void MustHaveAsked(string requests, int skip = 0)
    {
        var asked = string.Join(", ", Repository.MetadataRequests.Skip(skip).Select(r => r.Version is { } v ? string.Create(CultureInfo.InvariantCulture, $"{r.Role} {v}") : r.Role));
        Must(asked == requests, $"asked for [{asked}]; expected [{requests}]");
    }

    /// <summary>Refuses another last request than this.</summary>
    public void MustHaveAskedLast(string request) => MustHaveAsked(request, Repository.MetadataRequests.Count - 1);

    /// <summary>Fails the case unless something holds.</summary>
    public static void Must(bool holds, string what)
    {
        if (!holds)
            throw new ConformanceException($"The client {what}.");
    }

    private int Note(string command, int code)
    {
        _verdicts.Add($"{command} {code}");
        return code;
    }
}
