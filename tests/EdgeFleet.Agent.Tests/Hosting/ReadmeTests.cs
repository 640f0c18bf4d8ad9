using System.Text.RegularExpressions;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.LocalApi;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Testing;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Tests.Hosting;

public sealed partial class ReadmeTests
{
    [Fact]
    public void The_configurations_that_the_README_shows_are_taken_as_they_stand()
    {
        using var folder = new TempFolder();
        var kinds = new HashSet<string>();
        foreach (Match block in JsonBlock().Matches(File.ReadAllText(Path.Combine(RealData.CheckoutRoot, "README.md"))))
        {
            File.WriteAllText(folder["agent.json"], block.Groups[1].Value);
            var configuration = ConfigFile.Load(folder["agent.json"]);
            if (configuration.GetSection(SlotsOptions.Section).Exists())
                kinds.UnionWith(configuration.ReadSection(SlotsOptions.Section, SlotsOptions.Read).All.Select(s => s.Source.Kind));
            if (configuration.GetSection(InferenceOptions.Section).Exists())
                Assert.Equal("tensorrt", configuration.ReadSection(InferenceOptions.Section, InferenceOptions.Read).Providers[0]);
            if (configuration.GetSection(LocalApiOptions.Section).Exists())
                Assert.NotNull(configuration.ReadSection(LocalApiOptions.Section, LocalApiOptions.Read).Listen);
        }

        Assert.Equal(["command", "csv", "http", "images", "mqtt"], kinds.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
