using System.Text.RegularExpressions;
using EdgeFleet.Testing;

namespace EdgeFleet.ControlPlane.Tests.Enrolment;

/// <summary>No program of ours has a way around the check of certificates: not by a setting, not by an argument, not in a debug build.</summary>
public sealed partial class NoBypassTests
{
    private static readonly string[] Roots = ["agent", "controlplane", "shared", "provisioning"];

    [Fact]
    public void Every_callback_that_judges_a_certificate_is_one_that_is_known_to_judge()
    {
        var found = new List<string>();
        foreach (var file in Sources())
        {
            foreach (var line in File.ReadLines(file).Where(l => Callback().IsMatch(l) && !l.TrimStart().StartsWith("//", StringComparison.Ordinal)))
            {
                if (!Known().IsMatch(line))
                    found.Add($"{Path.GetFileName(file)}: {line.Trim()}");
            }
        }

        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_that_accepts_any_certificate_is_mentioned()
    {
        var found = Sources().Where(f => Bypass().IsMatch(File.ReadAllText(f))).Select(Path.GetFileName);
        Assert.Empty(found);
    }

    [Fact]
    public void A_check_that_is_kept_in_a_variable_is_the_pinned_CA()
    {
        var kept = Sources().SelectMany(File.ReadLines).Where(l => l.Contains("var check = ", StringComparison.Ordinal) && l.Contains("CaFile", StringComparison.Ordinal));
        Assert.All(kept, l => Assert.Contains("PinnedCa.Validate(", l, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;")]
    [InlineData(".WithCertificateValidationHandler(_ => true)")]
    [InlineData("RemoteCertificateValidationCallback = Anything,")]
    public void This_test_can_fail(string line)
    {
        Assert.Matches(Callback(), line);
        Assert.DoesNotMatch(Known(), line);
    }

    private static IEnumerable<string> Sources()
    {
        var all = Roots.SelectMany(r => Directory.EnumerateFiles(Path.Combine(RealData.CheckoutRoot, r), "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal)).ToList();
        Assert.True(all.Count > 200);
        return all;
    }

    [GeneratedRegex("(RemoteCertificateValidationCallback\\s*=[^>]|WithCertificateValidationHandler\\(|CertificateValidationHandler\\s*=|ServerCertificateCustomValidationCallback\\s*=|WithClientCertificate\\()")]
    private static partial Regex Callback();

    // The pinned CA on boards, for a source's own broker, and in the command line; on the server the two judges of devices' certificates, or that none is asked.
    [GeneratedRegex("= PinnedCa\\.Validate\\(|WithCertificateValidationHandler\\(_peer\\.Check\\)|WithCertificateValidationHandler\\(e => check\\(this, e\\.Certificate, e\\.Chain, e\\.SslPolicyErrors\\)\\)|= accepts is null \\? null : \\(_, c, _, _\\) => accepts\\(c\\),")]
    private static partial Regex Known();

    [GeneratedRegex("DangerousAcceptAny|WithIgnoreCertificate|WithAllowUntrustedCertificates|IgnoreCertificateChainErrors|AllowUntrustedCertificates|CheckCertificateRevocationList = false|ServicePointManager")]
    private static partial Regex Bypass();
}
