using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Something a person did to an alert. Its key makes a repeated request count once.</summary>
internal sealed class AlertAction
{
    public long Id { get; set; }

    public long AlertId { get; set; }

    /// <summary>Chosen by who sends it; unique over all actions.</summary>
    public required string Key { get; init; }

    /// <summary>Unix ms of this side.</summary>
    public required long At { get; init; }

    public required string Who { get; init; }

    /// <summary>See <see cref="AlertActionKind"/>.</summary>
    public required string Kind { get; init; }

    public string? Value { get; init; }

    /// <summary>Of a wrong answer, what it really is.</summary>
    public string? Label { get; init; }

    /// <summary>What a verdict is about, as it was then: the alert goes on. Null of other actions.</summary>
    public Judged? Judged { get; init; }
}

/// <summary>The answer that a person judged.</summary>
internal sealed class Judged
{
    /// <summary>The label that the model gave.</summary>
    public required string Answer { get; init; }

    public required double Confidence { get; init; }

    public required string Model { get; init; }

    /// <summary>Unix ms of the device.</summary>
    public required long SeenAt { get; init; }

    public Sha256Digest? Photo { get; init; }
}

/// <summary>What a person can do to an alert.</summary>
internal static class AlertActionKind
{
    public const string Acknowledge = "acknowledge";
    public const string Resolve = "resolve";
    public const string Verdict = "verdict";

    /// <summary>The answers to "was this right?".</summary>
    public static IReadOnlyList<string> Verdicts { get; } = ["right", "wrong", "unsure"];
}

internal sealed class AlertActionConfiguration : IEntityTypeConfiguration<AlertAction>
{
    public void Configure(EntityTypeBuilder<AlertAction> builder)
    {
        builder.ToTable("AlertActions");
        builder.HasIndex(a => a.Key).IsUnique();
        builder.OwnsOne(a => a.Judged);
    }
}
