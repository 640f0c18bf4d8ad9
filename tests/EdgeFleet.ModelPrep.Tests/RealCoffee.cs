using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests;

/// <summary>The real coffee photos and models; a test that asks for them is skipped, and says so, where they are absent.</summary>
internal static class RealCoffee
{
    public static (string Symptom, string Models) OrSkip()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        return (Path.Combine(RealData.Folder!, "coffee-leaf", "symptom"), Path.Combine(RealData.Folder!, "coffee-leaf-models"));
    }
}
