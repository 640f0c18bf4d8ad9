using System.Data;
using System.Security.Cryptography;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Identity;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Local accounts.</summary>
internal sealed class UserStore(IDbContextFactory<FleetContext> contexts, IPasswordHasher<User> hasher, TimeProvider time)
{
    private const int PasswordLengthMin = 12;
    private const int PasswordLengthMax = 256; // Hashing longer ones would let a stranger burn CPU.
    private readonly Lazy<string> _nobodysHash = new(() => hasher.HashPassword(null!, Convert.ToHexString(RandomNumberGenerator.GetBytes(16))));

    /// <summary>True once somebody has an account.</summary>
    public async Task<bool> AnyAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<User>().AnyAsync(cancel);
    }

    /// <summary>The account of that name.</summary>
    public async Task<User?> FindAsync(string name, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<User>().AsNoTracking().FirstOrDefaultAsync(u => u.Name == name, cancel);
    }

    /// <summary>The account, if the password is its. Takes as long for a name that does not exist.</summary>
    public async Task<User?> VerifyAsync(string name, string password, CancellationToken cancel)
    {
        var user = await FindAsync(Normal(name), cancel);
        if (password.Length > PasswordLengthMax)
            return null;
        var verdict = hasher.VerifyHashedPassword(user!, user?.PasswordHash ?? _nobodysHash.Value, password);
        return verdict == PasswordVerificationResult.Failed ? null : user;
    }

    /// <summary>Makes an account.</summary>
    /// <param name="name">2 to 32 characters of <c>a-z 0-9 -</c>.</param>
    /// <param name="role">One of <see cref="Policies.All"/>.</param>
    /// <param name="password">12 to 256 characters.</param>
    /// <param name="onlyIfFirst">Refuses when somebody has an account already.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <param name="sites">Sites to which it is limited; none for all.</param>
    public async Task<UserAdded> AddAsync(string name, string role, string password, bool onlyIfFirst, CancellationToken cancel, IReadOnlyList<string>? sites = null)
    {
        name = Normal(name);
        if ((WhatIsWrong(name) ?? FaultIn(role, sites) ?? FaultIn(password)) is { } wrong)
            return new UserAdded.Refused(wrong);

        var user = new User
        {
            Name = name,
            Role = role,
            Sites = [.. (sites ?? []).Distinct()],
            PasswordHash = hasher.HashPassword(null!, password),
            Stamp = NewStamp(),
            Created = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(IsolationLevel.Serializable, cancel);
        if (onlyIfFirst && await db.Set<User>().AnyAsync(cancel))
            return new UserAdded.Refused("The first account has been made already. Sign in with it.");
        if (await db.Set<User>().AnyAsync(u => u.Name == name, cancel))
            return new UserAdded.Refused($"The name {name} is taken. Choose another.");
        db.Add(user);
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return new UserAdded.Done(user);
    }

    /// <summary>Gives an account another password; says what is wrong with it, or null.</summary>
    public string? SetPassword(User user, string password)
    {
        if (FaultIn(password) is { } fault)
            return fault;
        user.PasswordHash = hasher.HashPassword(user, password);
        return null;
    }

    /// <summary>A stamp that no sign-in has yet.</summary>
    public static string NewStamp() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    private static string Normal(string name) => name.Trim().ToLowerInvariant();

    /// <summary>What is wrong with a role and the sites to which it is limited; null when nothing is.</summary>
    public static string? FaultIn(string? role, IReadOnlyList<string>? sites)
    {
        if (role is null || !Policies.All.Contains(role))
            return $"'{role}' is no role. Use one of: {string.Join(", ", Policies.All)}.";
        if (sites is not { Count: > 0 })
            return null;
        return role == Policies.Admin
            ? "An admin is for all sites: accounts, roots and the audit log have none. Limit an operator."
            : sites.Select(s => TokenRules.FaultIn(s, null)).FirstOrDefault(f => f is not null);
    }

    private static string? WhatIsWrong(string name) =>
        Names.IsDnsLabel(name, 2, 32) ? null : $"'{name}' cannot be a name. Use 2 to 32 letters, digits and '-', for example ana.";

    private static string? FaultIn(string password) => password.Length switch
    {
        < PasswordLengthMin => $"The password has {password.Length} characters. Use at least {PasswordLengthMin}, for example four words.",
        > PasswordLengthMax => $"The password has {password.Length} characters. Use at most {PasswordLengthMax}.",
        _ => null,
    };
}

/// <summary>How making an account ended.</summary>
internal abstract record UserAdded
{
    public sealed record Done(User User) : UserAdded;

    public sealed record Refused(string Reason) : UserAdded;
}
