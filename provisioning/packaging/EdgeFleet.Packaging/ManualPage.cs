using System.CommandLine;
using System.Globalization;
using System.Text;

namespace EdgeFleet.Packaging;

/// <summary>Makes a manual page (mdoc) of a tree of commands: what <c>--help</c> says, in one piece.</summary>
internal static class ManualPage
{
    private const string Ending = """
        .Sh ENVIRONMENT
        .Bl -tag -width Ds
        .It Ev EDGEFLEET_URL , Ev EDGEFLEET_TOKEN
        Address of the control plane and token, for scripts.
        .It Ev NO_COLOR
        No colours.
        .El
        .Sh EXIT STATUS
        .Bl -tag -width Ds
        .It 0
        Well.
        .It 1
        It failed.
        .It 2
        The call is not understood.
        .It 3
        There is no such thing.
        .It 4
        Not allowed.
        .It 5
        It took too long.
        .It 6
        The rollout failed.
        .El
        .Sh SEE ALSO
        .Xr edgefleet-agent 8 ,
        .Xr edgefleet-controlplane 8

        """;

    /// <summary>The page of a program.</summary>
    public static string Of(RootCommand root, DateTimeOffset time)
    {
        var page = new StringBuilder();
        var name = root.Name == "edgefleet-packaging" ? "edgefleet" : root.Name;
        page.Append(CultureInfo.InvariantCulture, $".Dd {time:MMMM d, yyyy}\n.Dt {name.ToUpperInvariant()} 1\n.Os\n.Sh NAME\n.Nm {name}\n.Nd models, rollouts, devices and alerts of a fleet of boards\n");
        page.Append(".Sh SYNOPSIS\n.Nm\n.Ar COMMAND\n.Op Ar OPTIONS\n.Sh DESCRIPTION\n").Append(Text(root.Description)).Append('\n');
        page.Append(".Pp\nOptions of every command:\n");
        Options(page, root.Options.Where(o => o.Recursive));
        foreach (var command in Leaves(root, ""))
            Command(page, command.Path, command.Command);
        return page.Append(Ending.ReplaceLineEndings("\n")).ToString();
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) => command.Subcommands.SelectMany(
        sub => sub.Subcommands.Count > 0 ? Leaves(sub, $"{path}{sub.Name} ") : [($"{path}{sub.Name}", sub)]);

    private static void Command(StringBuilder page, string path, Command command)
    {
        page.Append(".Ss ").Append(Text($"{path}{string.Concat(command.Arguments.Select(a => " " + Shape(a)))}")).Append('\n');
        page.Append(Text(command.Description)).Append('\n');
        Options(page, command.Options.Where(o => !o.Recursive && o.Name != "--help"));
    }

    private static void Options(StringBuilder page, IEnumerable<Option> options)
    {
        var shown = options.Where(o => !o.Hidden && o.Name is not "--help" and not "--version").ToList();
        if (shown.Count == 0)
            return;

        page.Append(".Bl -tag -width Ds\n");
        foreach (var option in shown)
        {
            var names = string.Join(" , ", new[] { option.Name }.Concat(option.Aliases.Order(StringComparer.Ordinal)).Select(n => $"Fl {Text(n[1..])}"));
            page.Append(".It ").Append(names).Append(option.ValueType == typeof(bool) ? "" : $" Ar {Text(option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant())}").Append('\n');
            page.Append(Text(option.Description)).Append('\n');
        }

        page.Append(".El\n");
    }

    private static string Shape(Argument argument)
    {
        var name = (argument.HelpName ?? argument.Name).ToUpperInvariant();
        return argument.Arity.MaximumNumberOfValues > 1 ? $"{name} ..." : name;
    }

    // A backslash begins an escape anywhere, a full stop or an apostrophe a request at the start of a line; a sentence begins a line of its own.
    private static string Text(string? text)
    {
        var escaped = (string.IsNullOrWhiteSpace(text) ? "Not described." : text.Trim()).Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        var lines = escaped.ReplaceLineEndings(" ").Replace(". ", ".\n", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries);
        return string.Join('\n', lines.Select(l => l is ['.' or '\'', ..] ? "\\&" + l : l));
    }
}
