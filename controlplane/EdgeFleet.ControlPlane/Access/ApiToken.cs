using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>A bearer token of a user. The token itself is shown once and kept nowhere.</summary>
internal sealed class ApiToken
{
    public long Id { get; set; }

    public long UserId { get; set; }

    public User? User { get; set; }

    /// <summary>SHA-256 of the token, hexadecimal. The token has 256 random bits, so no slow hash is needed.</summary>
    public required string Hash { get; set; }

    /// <summary>The role that it has, no higher than the user's; null for the user's own.</summary>
    public string? Role { get; set; }

    public string? Purpose { get; set; }

    public long Created { get; set; }

    public long Expires { get; set; }

    public long? Revoked { get; set; }
}

internal sealed class ApiTokenConfiguration : IEntityTypeConfiguration<ApiToken>
{
    public void Configure(EntityTypeBuilder<ApiToken> builder)
    {
        builder.ToTable("ApiTokens");
        builder.HasIndex(t => t.Hash).IsUnique();
        builder.HasOne(t => t.User).WithMany().HasForeignKey(t => t.UserId).OnDelete(DeleteBehavior.Cascade);
    }
}
