using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust.Tuf;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.SimulatedBoards;

/// <summary>Signed metadata of packages as a control plane serves it, below the address of packages, and the root that boards were enrolled with, which another has followed since.</summary>
/// <param name="Anchor">The first root.</param>
/// <param name="Files">All files, by their path.</param>
internal sealed record SignedPackages(Sha256Digest Anchor, IReadOnlyDictionary<string, byte[]> Files)
{
    /// <summary>Lists packages.</summary>
    public static SignedPackages Of(IEnumerable<TestPackage> packages)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var repository = new SignedRepository(now);
        foreach (var package in packages)
            repository.Publish(package.Ref);
        var next = repository.RootInForce().Next(now.AddYears(2));
        next.Trust(TufRoles.Targets, repository.NewKey().Public);
        repository.Open.TakeRoot(repository.SignedRoot(next), null, now);
        var files = repository.Copy().ToDictionary(f => $"metadata/{f.Key}", f => f.Value);
        files[repository.Anchor.Value] = repository.FirstRoot;
        return new SignedPackages(repository.Anchor, files);
    }
}
