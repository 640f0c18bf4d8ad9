using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Publishes packages with the publisher's signed list that names them. The list is judged before the package is checked, and in force after the package is kept.</summary>
internal sealed class SignedPackages(PackageCommands commands, PackageFiles files, PackageMetadata metadata)
{
    /// <summary>Publishes the package of a manifest that was put.</summary>
    public async Task<PackageEnding> PublishAsync(PublishRequest request, Person who, CancellationToken cancel)
    {
        var isSigned = metadata.Root is not null;
        if (isSigned && request.Targets is null)
            return new PackageEnding.Refused("Packages of this fleet are signed. Publish with the publisher's key: edgefleet model push FOLDER --key PUBLISHER.key");
        if (!isSigned && request.Targets is not null)
            return new PackageEnding.Refused("This fleet has no root yet, so nobody would check the signature. Publish one first (edgefleet key root, key sign, key publish), or push without --key.");
        if (request.Targets is not { } targets || await ManifestAsync(request, cancel) is not var (package, floor))
            return await commands.PublishAsync(request, who, cancel);

        if (metadata.Judge(targets, request.Family, package, floor) is { } refusal)
            return new PackageEnding.Refused(refusal);
        var ending = await commands.PublishAsync(request, who, cancel);
        return ending is PackageEnding.Published or PackageEnding.Already && metadata.Take(targets, request.Family, package, floor) is { } late
            ? new PackageEnding.Refused($"{late} The package itself is kept; push it again and it is listed.")
            : ending;
    }

    // What cannot be read is refused by the one who publishes.
    private async Task<(PackageRef Package, string Floor)?> ManifestAsync(PublishRequest request, CancellationToken cancel)
    {
        if (!Sha256Digest.TryParse(request.Manifest, out var digest) || !files.Has(digest) || new FileInfo(files.PathOf(digest)).Length > ManifestReader.BytesMax)
            return null;
        try
        {
            var bytes = await File.ReadAllBytesAsync(files.PathOf(digest), cancel);
            var manifest = ManifestReader.Read(bytes);
            return (new PackageRef { Name = manifest.Name, Version = manifest.Version, Digest = digest, Size = bytes.Length }, manifest.ReleaseFloor);
        }
        catch (ManifestException)
        {
            return null;
        }
    }
}
