using System.Text.Json;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>What checking a package gave.</summary>
public sealed record PackageVerdict
{
    /// <summary>Faults that make the package unusable: manifest, hashes, golden set; one sentence each.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>The verdict on each variant; empty when the package is unusable.</summary>
    public required IReadOnlyList<VariantVerdict> Variants { get; init; }

    /// <summary>Whole and readable, whatever its variants answer.</summary>
    public bool Sound => Faults.Count == 0;

    /// <summary>Whole, and every variant answers as its float model does.</summary>
    public bool Passed => Sound && Variants.Count > 0 && Variants.All(v => v.Passed);

    /// <summary>What is wrong, or that nothing is, in sentences.</summary>
    public string Summary => Sound
        ? string.Join(" ", Variants.Where(v => !v.Passed || Passed).Select(v => $"{v.Name} {v.Summary}"))
        : string.Join(" ", Faults);

    /// <summary>One line of JSON, for the process that asked.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PackJson.Default.PackageVerdict);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static PackageVerdict FromJson(string json) =>
        JsonSerializer.Deserialize(json, PackJson.Default.PackageVerdict) ?? throw new JsonException("The verdict is 'null'.");
}

/// <summary>The verdict on one variant.</summary>
public sealed record VariantVerdict
{
    /// <summary>Name of the variant.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it loads and answers as the golden set asks.</summary>
    public required bool Passed { get; init; }

    /// <summary>Share of golden items with the expected answer; null when it does not load or run.</summary>
    public double? Agreement { get; init; }

    /// <summary>Mean change of the probability of the expected answer; null when it does not load or run.</summary>
    public double? ProbabilityChange { get; init; }

    /// <summary>The verdict in one sentence, without the variant's name before it.</summary>
    public required string Summary { get; init; }
}
