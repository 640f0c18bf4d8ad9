using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>
/// The agent's packages in two versions, made by the script of <c>make package</c>: the one that this checkout names, and the next. They are kept below
/// <c>artifacts/install</c> under the hash of what they were made of.
/// </summary>
internal sealed class Debs
{
    private static readonly string[] Sources = ["agent", "shared", "provisioning/deb", "provisioning/systemd", "provisioning/man", "provisioning/cloud-init", "provisioning/packaging",
        "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "global.json", "CHANGELOG.md"];

    private Debs(string folder)
    {
        Folder = folder;
        var version = Version = XDocument.Load(Commands.Own("Directory.Build.props")).Descendants("Version").Single().Value;
        var parts = version.Split('.');
        Next = string.Join('.', [.. parts[..^1], (int.Parse(parts[^1], CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture)]);
    }

    /// <summary>Debian's name for this machine's processors.</summary>
    public static string Own { get; } = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>The architectures that boards have.</summary>
    public static IReadOnlyList<string> Architectures { get; } = ["amd64", "arm64"];

    /// <summary>The version that is installed first.</summary>
    public string Version { get; }

    /// <summary>The version that it is upgraded to.</summary>
    public string Next { get; }

    /// <summary>Where they are.</summary>
    public string Folder { get; }

    /// <summary>The packages of this checkout, which need not be there yet.</summary>
    public static async Task<Debs> FindAsync(CancellationToken cancel)
    {
        return new Debs(Path.Combine(Kept, $"debs-{await FingerprintAsync(cancel)}"));
    }

    /// <summary>Those of a folder.</summary>
    public static Debs In(string folder) => new(folder);

    /// <summary>Where everything is kept that a second run need not make again.</summary>
    public static string Kept => Commands.Own("artifacts", "install");

    /// <summary>A package.</summary>
    public string this[string architecture, string version] => Path.Combine(Folder, $"{Names.Package}_{version}_{architecture}.deb");

    /// <summary>Makes those that are missing, and throws away those of other sources.</summary>
    public async Task MakeAsync(CancellationToken cancel)
    {
        foreach (var old in Directory.Exists(Kept) ? Directory.GetDirectories(Kept, "debs-*").Where(f => f != Folder) : [])
            Directory.Delete(old, recursive: true);
        var epoch = (await Commands.RunAsync(["git", "-C", RealData.CheckoutRoot, "log", "-1", "--format=%ct"], cancel)).Trim();
        foreach (var version in new[] { Version, Next })
        {
            foreach (var architecture in Architectures.Where(a => !File.Exists(this[a, version])))
            {
                Told.Saw($"building {Path.GetFileName(this[architecture, version])}");
                // Made elsewhere and moved: one that is cut short is not there.
                var making = Folder + ".making";
                await Commands.RunAsync([Commands.Own("provisioning", "deb", "package"), version, making, architecture, Names.Package], cancel, new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = epoch });
                Directory.CreateDirectory(Folder);
                File.Move(Path.Combine(making, Path.GetFileName(this[architecture, version])), this[architecture, version], overwrite: true);
                Directory.Delete(making, recursive: true);
            }
        }
    }

    private static async Task<string> FingerprintAsync(CancellationToken cancel)
    {
        string[] git = ["git", "-C", RealData.CheckoutRoot];
        var committed = await Commands.RunAsync([.. git, "ls-files", "-s", "--", .. Sources], cancel);
        var changed = await Commands.RunAsync([.. git, "diff", "HEAD", "--", .. Sources], cancel);
        var others = await Commands.RunAsync([.. git, "ls-files", "--others", "--exclude-standard", "--", .. Sources], cancel);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(committed + changed + others));
        foreach (var file in others.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            hash.AppendData(File.ReadAllBytes(Commands.Own(file)));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }
}
