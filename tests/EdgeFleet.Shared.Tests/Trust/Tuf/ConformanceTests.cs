using EdgeFleet.Testing;
using EdgeFleet.Testing.Tuf;

namespace EdgeFleet.Shared.Tests.Trust.Tuf;

public sealed class ConformanceTests
{
    /// <summary>Every upstream name with each of its parameters.</summary>
    public static TheoryData<string, string?> Names()
    {
        var names = new TheoryData<string, string?>();
        foreach (var (name, parameters) in ConformanceCase.Upstream)
        {
            foreach (var parameter in parameters.DefaultIfEmpty())
                names.Add(name, parameter);
        }

        return names;
    }

    [Theory, MemberData(nameof(Names))]
    public async Task The_client_passes_the_upstream_case(string name, string? parameter)
    {
        using var folder = new TempFolder();
        var conformanceCase = Assert.Single(ConformanceCase.All, c => c.Name == name && c.Parameter == parameter);
        await conformanceCase.RunAsync(new ConformanceRun(folder.Path, source => new InProcessClient(source)));
    }

    [Fact]
    public void There_are_53_upstream_names_and_no_case_of_another()
    {
        Assert.Equal(53, ConformanceCase.Upstream.Count);
        Assert.All(ConformanceCase.All, c => Assert.True(ConformanceCase.Upstream.TryGetValue(c.Name, out var parameters) && (c.Parameter is null ? parameters.Count == 0 : parameters.Contains(c.Parameter)), c.ToString()));
    }
}
