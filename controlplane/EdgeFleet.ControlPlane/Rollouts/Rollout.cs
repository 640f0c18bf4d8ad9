using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>One package on its way to the devices of a selector. The plan is frozen at the start; times are Unix ms of the server.</summary>
internal sealed class Rollout : IVersioned
{
    /// <summary>Number; grows, so that of two rollouts the higher one is newer.</summary>
    public long Id { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the manifest.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Bytes of the manifest.</summary>
    public required long ManifestSize { get; init; }

    /// <summary>Slot it is for.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Selector as it was asked for.</summary>
    public required string Selector { get; init; }

    /// <summary>The frozen <see cref="RolloutPlan"/> as JSON.</summary>
    public required string Plan { get; init; }

    /// <summary>Who started it.</summary>
    public required string StartedBy { get; init; }

    /// <summary>When it was started.</summary>
    public required long Started { get; init; }

    /// <summary>State now.</summary>
    public RolloutState State { get; set; } = RolloutState.Planned;

    /// <summary>Since when <see cref="State"/> holds.</summary>
    public long Since { get; set; }

    /// <summary>Wave that runs, from 1; 0 before the first. Written together with <see cref="WaveStarted"/>, which starts a wave exactly once.</summary>
    public int Wave { get; set; }

    /// <summary>When <see cref="Wave"/> was started.</summary>
    public long WaveStarted { get; set; }

    /// <summary>True when nothing is left to do and the worker may forget it.</summary>
    public bool Settled { get; set; }

    /// <summary>First of the four sentences of the decision that stands.</summary>
    public string Why { get; set; } = "";

    /// <summary>Second: what happens next, without anybody.</summary>
    public string Next { get; set; } = "";

    /// <summary>Third: when, at the latest.</summary>
    public string When { get; set; } = "";

    /// <summary>Fourth: what a person can do.</summary>
    public string CanDo { get; set; } = "";

    /// <summary>Why it was halted; null if it was not.</summary>
    public string? HaltedWhy { get; set; }

    /// <summary>The last look at the running models, JSON; null before the first. Written with the row, so that a look is counted exactly once.</summary>
    public string? LastLook { get; set; }

    /// <summary>Compared and set with every change: of two that decide at once, one finds out that it came too late.</summary>
    public long RowVersion { get; set; }

    /// <summary>The package.</summary>
    public PackageRef Package => new() { Name = Model, Version = Version, Digest = Digest, Size = ManifestSize };

    /// <summary>The four sentences.</summary>
    public Verdict Verdict => new(Why, Next, When, CanDo);

    /// <summary>Enters a state, or says anew where it stands.</summary>
    public void Stand(RolloutState state, Verdict verdict, long now)
    {
        if (State != state)
            (State, Since) = (state, now);
        (Why, Next, When, CanDo) = verdict;
    }
}

internal sealed class RolloutConfiguration : IEntityTypeConfiguration<Rollout>
{
    public void Configure(EntityTypeBuilder<Rollout> builder)
    {
        builder.ToTable("Rollouts");
        builder.HasKey(r => r.Id);
        builder.Property(r => r.Id).ValueGeneratedOnAdd();
        builder.Property(r => r.State).HasConversion<string>().HasMaxLength(16);
        builder.Ignore(r => r.Package).Ignore(r => r.Verdict);
        builder.HasIndex(r => r.Settled);
    }
}
