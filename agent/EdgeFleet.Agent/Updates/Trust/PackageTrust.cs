using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Agent.Updates.Trust;

/// <summary>
/// Asks before a download whether the publishers signed the package that is wished: refreshes root, timestamp, snapshot and targets (TUF) from the root
/// that the enrolment pinned, and finds the manifest among the targets. What is trusted is kept in <c>trust/</c> of the state folder, below the anchor's
/// name, so a board that is enrolled elsewhere begins anew and an old repository is known for one after any power cut.
/// </summary>
internal sealed class PackageTrust(string stateFolder, ISignedMetadata source, TrustedTime time)
{
    private const int AnchorNameLength = 16;
    private static readonly TufLimits Limits = new();
    private readonly string _folder = Path.Combine(stateFolder, "trust");

    /// <summary>The disk; the machine's own when left out.</summary>
    public FileCalls Disk { get; init; } = FileCalls.Real;

    /// <summary>Asks for one package. Not from several threads at once.</summary>
    /// <returns>Null when it may be downloaded; else why not.</returns>
    public async Task<DownloadEnd.Failed?> CheckAsync(PackageRef package, CancellationToken cancel)
    {
        try
        {
            if (source.Anchor is not { } anchor)
                return null;

            var store = new TufStore(Path.Combine(_folder, anchor.Value[..AnchorNameLength]), Disk);
            store.Sweep();
            if (!store.HasSoundRoot)
                await BeginAsync(store, anchor, cancel);

            var client = new TufClient(store, new TufRepository(MetadataAsync, NoTargetsAsync), Limits);
            await client.RefreshAsync(time.Now.Now, cancel);
            return await client.FindAsync(PackageTargets.PathOf(package.Name, package.Version), cancel) is { } target
                ? FaultIn(target, package)
                : Untrusted($"{package.Label} is on no list that the publishers signed. A wish alone does not install a package: publish it with the publisher's key (edgefleet model push --key).");
        }
        catch (TufException e)
        {
            return Of(e, package);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new DownloadEnd.Failed($"The signed list of packages was not refreshed, so {package.Label} waits: {e.GetBaseException().Message}", FailureKind.Local, Final: false);
        }
    }

    /// <summary>How an untrusted repository counts. Pure.</summary>
    public static DownloadEnd.Failed Of(TufException e, PackageRef package) => e.Fault switch
    {
        TufFault.Expired => new DownloadEnd.Failed(
            $"{package.Label} waits: the signed list of packages is out of date, or newer ones are held back from this board. {e.Message} Check that the control plane runs, that its root and targets have not ended, and this board's clock.",
            FailureKind.Local, Final: false),
        TufFault.Missing => new DownloadEnd.Failed($"{package.Label} waits: the control plane does not have the signed list of packages. {e.Message}", FailureKind.Local, Final: false),
        _ => Untrusted($"{package.Label} is refused, for the list of packages cannot be trusted: {e.Message}"),
    };

    private static DownloadEnd.Failed? FaultIn(TufTarget target, PackageRef package) => !PackageTargets.Is(target, package)
        ? Untrusted($"{package.Label} is refused: the wish names the manifest {package.Digest.Short}... of {package.Size} bytes, and the publishers signed another one under this version.")
        : PackageTargets.BelowFloor(package.Version, PackageTargets.FloorOf(target), package.Name) is { } below ? Untrusted(below) : null;

    private async Task BeginAsync(TufStore store, Sha256Digest anchor, CancellationToken cancel)
    {
        var root = await source.GetAsync(anchor.Value, Limits.RootBytesMax, cancel)
            ?? throw new TufException(TufFault.Missing, TufRoles.Root, $"the root {anchor.Short}..., which this board was enrolled with, is not there.");
        if (Sha256Digest.Of(root) != anchor)
            throw new TufException(TufFault.Mismatch, TufRoles.Root, $"what came is not the root {anchor.Short}..., which this board was enrolled with.");
        store.Begin(root);
    }

    private async Task<byte[]?> MetadataAsync(string path, long bytesMax, CancellationToken cancel) => await source.GetAsync($"metadata/{path}", bytesMax, cancel);

    // Files of packages are named by their hash and come as they always did.
    private static Task<byte[]?> NoTargetsAsync(string path, long bytesMax, CancellationToken cancel) => Task.FromResult<byte[]?>(null);

    private static DownloadEnd.Failed Untrusted(string reason) => new(reason, FailureKind.Deterministic, Final: true);
}
