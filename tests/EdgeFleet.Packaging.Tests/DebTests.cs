using EdgeFleet.Testing;

namespace EdgeFleet.Packaging.Tests;

/// <summary>Packages made of a payload that only looks like a program: what is in them, and what their scripts do.</summary>
public sealed class DebTests : IDisposable
{
    private static readonly Dictionary<string, string> Epoch = new() { ["SOURCE_DATE_EPOCH"] = "1700000000" };
    private readonly TempFolder _folder = new();

    public DebTests()
    {
        Directory.CreateDirectory(_folder["payload"]);
        Directory.CreateDirectory(_folder["docs"]);
        foreach (var file in (string[])["edgefleet-agent", "edgefleet-controlplane", "edgefleet", "libonnxruntime.so", "edgefleet-agent.xml"])
            File.WriteAllText(_folder["payload", file], file);
        foreach (var file in (string[])["sbom.cdx.json", "edgefleet.1", "edgefleet.completion"])
            File.WriteAllText(_folder["docs", file], file);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("edgefleet-agent")]
    [InlineData("edgefleet-agent-compat")]
    [InlineData("edgefleet-controlplane")]
    [InlineData("edgefleet")]
    public async Task The_same_inputs_give_the_same_bytes(string name)
    {
        var first = await BuildAsync(name, "1.0.0", "one");
        File.SetLastWriteTimeUtc(_folder["payload", "edgefleet"], DateTime.UnixEpoch);

        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(await BuildAsync(name, "1.0.0", "two")));
    }

    [Fact]
    public async Task The_agents_package_holds_program_unit_users_pages_and_papers_all_of_root()
    {
        var (_, listing) = await Tool.RunAsync("dpkg-deb", "-c", await BuildAsync("edgefleet-agent", "1.0.0", "out"));

        Assert.All(
            [
                "./usr/lib/edgefleet-agent/edgefleet-agent", "./usr/lib/edgefleet-agent/libonnxruntime.so", "./usr/bin/edgefleet-agent -> ../lib/edgefleet-agent/edgefleet-agent",
                "./lib/systemd/system/edgefleet-agent.service", "./usr/lib/sysusers.d/edgefleet-agent.conf", "./usr/lib/tmpfiles.d/edgefleet-agent.conf",
                "./etc/edgefleet/agent.json", "./etc/edgefleet/config.d/", "./usr/share/man/man8/edgefleet-agent.8.gz", "./usr/share/man/man5/edgefleet-agent.json.5.gz",
                "./usr/share/bash-completion/completions/edgefleet-agent", "./usr/share/doc/edgefleet-agent/copyright", "./usr/share/doc/edgefleet-agent/changelog.gz",
                "./usr/share/doc/edgefleet-agent/sbom.cdx.json", "./usr/share/doc/edgefleet-agent/examples/camera.conf", "./usr/share/doc/edgefleet-agent/examples/raspberry-pi.conf", "./usr/share/doc/edgefleet-agent/examples/agent.user-data.yaml",
            ],
            path => Assert.Contains(path, listing, StringComparison.Ordinal));
        Assert.All(listing.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" root/root ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("edgefleet-agent.xml", listing, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edgefleet-agent", "libc6 (>= 2.34)", "libssl3 | libssl3t64")]
    [InlineData("edgefleet-agent-compat", "libc6 (>= 2.28)", "libssl1.1 | libssl3")]
    public async Task A_package_needs_what_its_program_aborts_without(string name, string libc, string ssl)
    {
        var (_, control) = await Tool.RunAsync("dpkg-deb", "-f", await BuildAsync(name, "1.0.0", "out"));

        Assert.Contains(libc, control, StringComparison.Ordinal);
        Assert.Contains(ssl, control, StringComparison.Ordinal);
        Assert.Contains(name == "edgefleet-agent" ? "Conflicts: edgefleet-agent-compat" : "Provides: edgefleet-agent (= 1.0.0)", control, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("edgefleet-agent")]
    [InlineData("edgefleet-controlplane")]
    public async Task Going_back_to_an_older_version_is_refused_in_words_before_anything_changes(string name)
    {
        var (code, said) = await PreinstAsync(name, [], "upgrade", "1.0.1");
        Assert.Equal(1, code);
        Assert.Contains("1.0.0 is older and may not read that state; nothing was changed", said, StringComparison.Ordinal);

        Assert.Equal(1, (await PreinstAsync(name, [], "install", "2.0.0")).Code); // Removed, and its state kept.
        Assert.Equal(0, (await PreinstAsync(name, [], "upgrade", "0.9.0")).Code);
        Assert.Equal(0, (await PreinstAsync(name, [], "upgrade", "1.0.0~rc1")).Code);
        Assert.Equal(0, (await PreinstAsync(name, [], "install")).Code);
        Assert.Equal(0, (await PreinstAsync(name, new() { ["EDGEFLEET_ALLOW_DOWNGRADE"] = "1" }, "upgrade", "2.0.0")).Code);
    }

    [Fact]
    public async Task Scripts_are_shell_with_every_name_filled_in()
    {
        foreach (var name in (string[])["edgefleet-agent", "edgefleet-agent-compat", "edgefleet-controlplane"])
        {
            var folder = await ControlAsync(name);
            foreach (var script in (string[])["preinst", "postinst", "prerm", "postrm"])
            {
                Assert.Equal((0, ""), await Tool.RunAsync("sh", "-n", Path.Combine(folder, script)));
                Assert.DoesNotMatch("@[A-Z]+@", File.ReadAllText(Path.Combine(folder, script)));
            }

            Assert.DoesNotMatch("@[A-Z]+@", File.ReadAllText(Path.Combine(folder, "control")));
        }
    }

    private async Task<(int Code, string Said)> PreinstAsync(string name, Dictionary<string, string> environment, params string[] arguments)
    {
        var folder = await ControlAsync(name);
        return await Tool.RunAsync(environment, ["sh", Path.Combine(folder, "preinst"), .. arguments]);
    }

    private async Task<string> ControlAsync(string name)
    {
        var folder = _folder["control", name];
        if (!Directory.Exists(folder))
            Assert.Equal((0, ""), await Tool.RunAsync("dpkg-deb", "-e", await BuildAsync(name, "1.0.0", "out"), folder));
        return folder;
    }

    private async Task<string> BuildAsync(string name, string version, string output)
    {
        Directory.CreateDirectory(_folder["control"]);
        var (code, all) = await Tool.RunAsync(Epoch, "sh", Tool.Provisioning("deb/build"), name, "amd64", version, _folder["payload"], _folder["docs"], _folder[output]);
        Assert.True(code == 0, all);
        return all.Trim().Split('\n')[^1];
    }
}
