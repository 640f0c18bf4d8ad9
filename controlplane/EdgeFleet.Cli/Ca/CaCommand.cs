using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Cli.Ca;

/// <summary>
/// <c>edgefleet ca root|issuing</c>: a root whose key never touches the control plane, and issuing certificates below it that stand there for a few
/// years. Devices pin the root, so the issuing certificate is replaced without a word to them.
/// </summary>
internal static class CaCommand
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static Command Create() => new("ca", "Root and issuing certificates, made away from the control plane.") { Root(), Issuing() };

    private static Command Root()
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "Folder for ca.pem and ca.key, for example on a stick that is kept in a safe." };
        var years = new Option<int>("--years") { Description = "Years that it lives.", DefaultValueFactory = _ => 20 };
        var command = new Command("root", "Make a root. Its key signs issuing certificates and is otherwise kept away.") { folder, years };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var path = parsed.GetValue(folder)!.FullName;
            Absent(path, "ca.pem", "ca.key");
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var root = CaCertificates.Root(key, TimeProvider.System.GetUtcNow(), Years(parsed.GetValue(years)));
            Directory.CreateDirectory(path);
            WriteKey(path, "ca.key", key);
            DurableFile.Replace(Path.Combine(path, "ca.pem"), Encoding.ASCII.GetBytes(root.ExportCertificatePem() + "\n"));
            Console.Out.WriteLine($"Root {Sha256Digest.Of(root.RawData)} until {Printer.Time(root.NotAfter)}.\nNext: edgefleet ca issuing --root {path} --out FOLDER");
        }));
        return command;
    }

    private static Command Issuing()
    {
        var rootFolder = new Option<DirectoryInfo>("--root") { Description = "Folder with ca.pem and ca.key.", Required = true };
        var target = new Option<DirectoryInfo>("--out") { Description = "Folder for ca.pem, issuing.pem and issuing.key.", Required = true };
        var years = new Option<int>("--years") { Description = "Years that it lives; at most as long as the root.", DefaultValueFactory = _ => 5 };
        var earlier = new Option<FileInfo?>("--earlier") { Description = "issuing.pem that it takes the place of, so that certificates by that one still count." };
        var command = new Command("issuing", "Make an issuing certificate below a root, for the control plane's folder ca/.") { rootFolder, target, years, earlier };
        command.SetAction(parsed => LocalRun.Of(() =>
        {
            var (from, to) = (parsed.GetValue(rootFolder)!.FullName, parsed.GetValue(target)!.FullName);
            Absent(to, "issuing.pem", "issuing.key");
            using var root = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(from, "ca.pem"));
            using var rootKey = ReadKey(Path.Combine(from, "ca.key"));
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var issuing = CaCertificates.Issuing(root, rootKey, key, TimeProvider.System.GetUtcNow(), Years(parsed.GetValue(years)));
            var before = parsed.GetValue(earlier) is { } file ? File.ReadAllText(file.FullName) : "";
            Directory.CreateDirectory(to);
            WriteKey(to, "issuing.key", key);
            DurableFile.Replace(Path.Combine(to, "ca.pem"), Encoding.ASCII.GetBytes(root.ExportCertificatePem() + "\n"));
            DurableFile.Replace(Path.Combine(to, "issuing.pem"), Encoding.ASCII.GetBytes(issuing.ExportCertificatePem() + "\n" + before));
            Console.Out.WriteLine($"Issuing certificate until {Printer.Time(issuing.NotAfter)}.\nNext: copy {to}/ca.pem, issuing.pem and issuing.key into ca/ of the control plane's data folder (without ca.key), and restart it.");
        }));
        return command;
    }

    private static int Years(int years) => years is >= 1 and <= 50 ? years : throw new UsageException($"--years is {years}; 1 to 50 are possible.");

    // A key that is written over is lost for ever.
    private static void Absent(string folder, params ReadOnlySpan<string> files)
    {
        foreach (var file in files)
        {
            if (File.Exists(Path.Combine(folder, file)))
                throw new UsageException($"{Path.Combine(folder, file)} is there already. Name another folder; nothing was changed.");
        }
    }

    private static ECDsa ReadKey(string path)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(path));
            return key;
        }
        catch (ArgumentException e)
        {
            key.Dispose();
            throw new CryptographicException($"{path} holds no private key in PEM.", e);
        }
    }

    private static void WriteKey(string folder, string name, ECDsa key) =>
        DurableFile.Replace(Path.Combine(folder, name), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), OwnerOnly);
}
