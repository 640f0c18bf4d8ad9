using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Access;

/// <summary><c>edgefleet user list|add|role|password|remove</c>: accounts of people.</summary>
internal static class UserCommand
{
    private static readonly Argument<string> Name = new("name") { Description = "Account." };
    private static readonly Option<string> Role = new("--role") { Description = "viewer, staff, operator, publisher or admin.", Required = true };
    private static readonly Option<string[]> Sites = new("--site") { Description = "A site to which the account is limited; may be given several times. Without one it reaches all.", AllowMultipleArgumentsPerToken = true };
    private static readonly Option<bool> PasswordFromInput = new("--password-stdin") { Description = "Read the password from standard input." };

    public static Command Create() => new("user", "Accounts of people, with roles and sites.") { List(), Add(), ChangeRole(), ChangePassword(), Remove() };

    private static Command List()
    {
        var list = new Command("list", "List accounts.");
        list.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Printer.List(OutputOptions.Of(parsed), await client.UsersAsync(cancel), ApiJson.Default.IReadOnlyListUserSummary, u => u.Name, "There is no account.",
                new("NAME", u => u.Name), new("ROLE", u => u.Role), new("SITES", u => u.Sites.Count == 0 ? "all" : string.Join(" ", u.Sites)), new("SINCE", u => Printer.Time(u.Created)));
            return ExitCode.Ok;
        }));
        return list;
    }

    private static Command Add()
    {
        var add = new Command("add", "Make an account.") { Name, Role, Sites, PasswordFromInput };
        add.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var password = await Secret.ReadAsync(parsed.GetValue(PasswordFromInput), "Password: ", cancel);
            var user = await client.AddUserAsync(new UserRequest(parsed.GetValue(Name), parsed.GetValue(Role), password, parsed.GetValue(Sites)), cancel);
            return Show(parsed, user, $"{user.Name} may sign in as {Words(user)}.");
        }));
        return add;
    }

    private static Command ChangeRole()
    {
        var role = new Command("role", "Give an account another role, and other sites. Its sign-ins end.") { Name, Role, Sites };
        role.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var user = await client.ChangeRoleAsync(parsed.GetValue(Name)!, new RoleRequest(parsed.GetValue(Role), parsed.GetValue(Sites)), cancel);
            return Show(parsed, user, $"{user.Name} is {Words(user)}.");
        }));
        return role;
    }

    private static Command ChangePassword()
    {
        var name = new Argument<string?>("name") { Description = "Account; one's own when left out.", DefaultValueFactory = _ => null };
        var password = new Command("password", "Set a password. All sign-ins and tokens of the account end.") { name, PasswordFromInput };
        password.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var other = parsed.GetValue(name);
            var old = other is null ? await Secret.ReadAsync(parsed.GetValue(PasswordFromInput), "Old password: ", cancel) : null;
            var next = new PasswordRequest(await Secret.ReadAsync(parsed.GetValue(PasswordFromInput), "New password: ", cancel), old);
            var user = other is null ? await client.ChangeOwnPasswordAsync(next, cancel) : await client.ChangePasswordAsync(other, next, cancel);
            return Show(parsed, user, $"The password of {user.Name} is set.");
        }));
        return password;
    }

    private static Command Remove()
    {
        var remove = new Command("remove", "Take an account away, with its tokens.") { Name };
        remove.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            await client.RemoveUserAsync(parsed.GetValue(Name)!, cancel);
            Console.Out.WriteLine($"The account {parsed.GetValue(Name)} is gone.");
            return ExitCode.Ok;
        }));
        return remove;
    }

    private static int Show(ParseResult parsed, UserSummary user, string sentence)
    {
        Printer.One(OutputOptions.Of(parsed), user, ApiJson.Default.UserSummary, user.Name, () => Console.Out.WriteLine(sentence));
        return ExitCode.Ok;
    }

    private static string Words(UserSummary user) => $"{user.Role}{(user.Sites.Count == 0 ? "" : $" of {string.Join(" and ", user.Sites)}")}";
}
