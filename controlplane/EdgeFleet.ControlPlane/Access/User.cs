using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>A local account.</summary>
internal sealed class User
{
    public long Id { get; set; }

    /// <summary>Lower case, unique.</summary>
    public required string Name { get; set; }

    public required string Role { get; set; }

    /// <summary>Sites to whose devices it is limited; empty for all.</summary>
    public List<string> Sites { get; set; } = [];

    /// <summary>PBKDF2 with its own salt and rounds inside.</summary>
    public required string PasswordHash { get; set; }

    /// <summary>New whenever password or role change: sign-ins with an older one end.</summary>
    public required string Stamp { get; set; }

    public long Created { get; set; }
}

internal sealed class UserConfiguration : IEntityTypeConfiguration<User>
{
    public void Configure(EntityTypeBuilder<User> builder)
    {
        builder.ToTable("Users");
        builder.HasIndex(u => u.Name).IsUnique();
        builder.Property(u => u.Stamp).IsConcurrencyToken();
    }
}
