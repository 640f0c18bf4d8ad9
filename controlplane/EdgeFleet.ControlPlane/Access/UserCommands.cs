using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>What an admin does to accounts, and everybody to his own password. Each change ends the account's sign-ins in browsers, another password its tokens too.</summary>
internal sealed class UserCommands(UserStore users, IDbContextFactory<FleetContext> contexts, IAuditLog audit, TimeProvider time)
{
    /// <summary>Accounts by name.</summary>
    public async Task<IReadOnlyList<UserSummary>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return [.. (await db.Set<User>().AsNoTracking().OrderBy(u => u.Name).ToListAsync(cancel)).Select(Summarise)];
    }

    /// <summary>Makes an account.</summary>
    public async Task<UserEnding> AddAsync(UserRequest request, Person who, CancellationToken cancel)
    {
        switch (await users.AddAsync(request.Name ?? "", request.Role ?? "", request.Password ?? "", onlyIfFirst: false, cancel, request.Sites))
        {
            case UserAdded.Done { User: var user }:
                await audit.RecordAsync(who.Name, "user.add", $"user {user.Name}", Scope(user), cancel);
                return new UserEnding.Done(Summarise(user));
            case UserAdded.Refused refused:
                return new UserEnding.Refused(refused.Reason);
            default:
                throw new InvalidOperationException("Adding a user ended in no known way.");
        }
    }

    /// <summary>Gives an account another role, and other sites.</summary>
    public Task<UserEnding> ChangeRoleAsync(string name, RoleRequest request, Person who, CancellationToken cancel) => ChangeAsync(name, "user.role", who, async (db, user) =>
    {
        if (UserStore.FaultIn(request.Role, request.Sites) is { } fault)
            return fault;
        if (user.Role == Policies.Admin && request.Role != Policies.Admin && await IsLastAdminAsync(db, user, cancel))
            return $"{user.Name} is the last admin. Make another one first.";
        (user.Role, user.Sites) = (request.Role!, [.. (request.Sites ?? []).Distinct()]);
        return null;
    }, Scope, cancel);

    /// <summary>Sets the password of an account, and ends its tokens.</summary>
    public Task<UserEnding> ChangePasswordAsync(string name, string? password, Person who, CancellationToken cancel) => ChangeAsync(name, "user.password", who, async (db, user) =>
    {
        if (users.SetPassword(user, password ?? "") is { } fault)
            return fault;
        foreach (var token in await db.Set<ApiToken>().Where(t => t.UserId == user.Id && t.Revoked == null).ToListAsync(cancel))
            token.Revoked = time.GetUtcNow().ToUnixTimeMilliseconds();
        return null;
    }, _ => null, cancel);

    /// <summary>Sets one's own password, by the old one.</summary>
    public async Task<UserEnding> ChangeOwnPasswordAsync(PasswordRequest request, Person who, CancellationToken cancel) =>
        await users.VerifyAsync(who.Name, request.Old ?? "", cancel) is null
            ? new UserEnding.Refused("The old password is wrong. Nothing was changed.")
            : await ChangePasswordAsync(who.Name, request.Password, who, cancel);

    /// <summary>Takes an account away, with its tokens.</summary>
    public Task<UserEnding> RemoveAsync(string name, Person who, CancellationToken cancel) => ChangeAsync(name, "user.remove", who, async (db, user) =>
    {
        if (user.Name == who.Name)
            return "Nobody removes his own account. Somebody else has to.";
        if (user.Role == Policies.Admin && await IsLastAdminAsync(db, user, cancel))
            return $"{user.Name} is the last admin. Make another one first.";
        db.Remove(user);
        return null;
    }, _ => null, cancel);

    private async Task<UserEnding> ChangeAsync(string name, string what, Person who, Func<FleetContext, User, Task<string?>> change, Func<User, string?> detail, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<User>().FirstOrDefaultAsync(u => u.Name == name, cancel) is not { } user)
            return new UserEnding.NotFound($"There is no account '{name}'. `edgefleet user list` shows those there are.");
        if (await change(db, user) is { } refusal)
            return new UserEnding.Refused(refusal);

        user.Stamp = UserStore.NewStamp();
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            return new UserEnding.Refused($"{name} was changed by somebody else in this moment. Look, and try again.");
        }

        await audit.RecordAsync(who.Name, what, $"user {user.Name}", detail(user), cancel);
        return new UserEnding.Done(Summarise(user));
    }

    private static Task<bool> IsLastAdminAsync(FleetContext db, User user, CancellationToken cancel) =>
        db.Set<User>().AllAsync(u => u.Role != Policies.Admin || u.Id == user.Id, cancel);

    private static string Scope(User user) => $"{user.Role}{(user.Sites.Count > 0 ? $", only {string.Join(" ", user.Sites)}" : "")}";

    private static UserSummary Summarise(User user) => new(user.Name, user.Role, user.Sites, DateTimeOffset.FromUnixTimeMilliseconds(user.Created));
}

/// <summary>How a change of an account ended.</summary>
internal abstract record UserEnding
{
    /// <summary>It is so now.</summary>
    public sealed record Done(UserSummary User) : UserEnding;

    /// <summary>It cannot be.</summary>
    public sealed record Refused(string Reason) : UserEnding;

    /// <summary>There is no such account.</summary>
    public sealed record NotFound(string Reason) : UserEnding;
}
