using System.Reflection;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>Checks a package on disk before anything in it is run: every digest, the manifest against the wish, and the fit to board, agent and source.</summary>
internal sealed class PackageVerifier(PackageShelf shelf, BoardFacts board)
{
    /// <summary>Version of this agent; a test is older.</summary>
    internal Version Agent { get; init; } = Assembly.GetExecutingAssembly().GetName().Version ?? new Version(0, 0);

    /// <summary>Checks a package.</summary>
    /// <param name="package">The package.</param>
    /// <param name="inputKind">What the slot's source gives: <c>image</c> or <c>series</c>.</param>
    /// <param name="cancel">Ends the hashing.</param>
    /// <returns>Null when all is well.</returns>
    public async Task<StepFailed?> VerifyAsync(PackageRef package, string inputKind, CancellationToken cancel)
    {
        Manifest manifest;
        try
        {
            if (await DamagedAsync("manifest.json", package.Digest, package.Size, cancel) is { } damaged)
                return damaged;
            manifest = ManifestReader.Read(await File.ReadAllBytesAsync(shelf.Files.PathOf(package.Digest), cancel));
        }
        catch (ManifestException e)
        {
            return Wrong(e.Message);
        }

        if (manifest.Name != package.Name || manifest.Version != package.Version)
            return Wrong($"The wish says {package.Label}, but the manifest with that digest is {manifest.Name}@{manifest.Version}.");
        if (!Version.TryParse(manifest.MinimumAgent.Split('-', '+')[0], out var oldest) || oldest > Agent)
            return Wrong($"{package.Label} asks for agent {manifest.MinimumAgent}; this one is {Agent.ToString(3)}. Update the agent first.");
        if (manifest.Input.Kind != inputKind)
            return Wrong($"{package.Label} takes {manifest.Input.Kind} input; the source of this slot gives {inputKind}.");
        if (VariantChooser.Choose(manifest, board, out var reason) is null)
            return Wrong(reason);

        foreach (var file in VariantChooser.Kept(manifest, board).Select(v => v.File).Concat(manifest.Files))
        {
            if (await DamagedAsync(file.Path, file.Digest, file.Size, cancel) is { } damaged)
                return damaged;
        }

        return null;
    }

    private async Task<StepFailed?> DamagedAsync(string name, Sha256Digest digest, long size, CancellationToken cancel)
    {
        var path = shelf.Files.PathOf(digest);
        try
        {
            if (new FileInfo(path).Length == size && await Sha256Digest.OfFileAsync(path, cancel) == digest)
                return null;
            shelf.Files.Remove(digest);
            return new StepFailed($"{name} on disk ({path}) is not what it was when it came, and was deleted. Look after the disk; then try again.", FailureKind.Local);
        }
        catch (IOException e)
        {
            return new StepFailed($"{name} cannot be read at {path}: {e.Message}", FailureKind.Local);
        }
    }

    private static StepFailed Wrong(string reason) => new(reason, FailureKind.Deterministic);
}
