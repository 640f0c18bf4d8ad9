using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates;

public sealed class PackageVerifierTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ContentStore _store;
    private readonly TestPackage _package = TestPackage.Build(TestPackageSpec.Colours());

    public PackageVerifierTests()
    {
        _store = new ContentStore(_folder["packages"]);
        _package.AddTo(_store);
    }

    [Fact]
    public async Task A_whole_package_that_fits_is_taken() => Assert.Null(await VerifyAsync());

    [Fact]
    public async Task A_changed_byte_is_the_disk_s_fault_and_the_file_goes()
    {
        var file = _store.PathOf(_package.Manifest.Golden.Digest);
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Equal(FailureKind.Local, (await VerifyAsync())!.Failure);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        File.Delete(_store.PathOf(_package.Manifest.Variants[0].File.Digest));
        Assert.Contains("variants/cpu-fp32.onnx", (await VerifyAsync())!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_for_another_source_is_refused()
    {
        var failed = await new PackageVerifier(new PackageShelf(_store), BoardFacts.Read()).VerifyAsync(_package.Ref, "series", TestContext.Current.CancellationToken);
        Assert.Equal(FailureKind.Deterministic, failed!.Failure);
        Assert.Contains("takes image input; the source of this slot gives series", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wish_under_another_name_is_refused()
    {
        var failed = await Verifier().VerifyAsync(_package.Ref with { Version = "9.9.9" }, "image", TestContext.Current.CancellationToken);
        Assert.Contains("colours@9.9.9", failed!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_that_is_too_old_says_so()
    {
        var failed = await new PackageVerifier(new PackageShelf(_store), BoardFacts.Read()) { Agent = new Version(0, 0, 9) }
            .VerifyAsync(_package.Ref, "image", TestContext.Current.CancellationToken);
        Assert.Contains("Update the agent first", failed!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_without_a_variant_for_this_board_is_refused()
    {
        var failed = await new PackageVerifier(new PackageShelf(_store), BoardFacts.Read() with { Providers = ["tensorrt"] })
            .VerifyAsync(_package.Ref, "image", TestContext.Current.CancellationToken);
        Assert.Contains("cpu-fp32 needs cpu", failed!.Reason, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private PackageVerifier Verifier() => new(new PackageShelf(_store), BoardFacts.Read());

    private Task<StepFailed?> VerifyAsync() => Verifier().VerifyAsync(_package.Ref, "image", TestContext.Current.CancellationToken);
}
