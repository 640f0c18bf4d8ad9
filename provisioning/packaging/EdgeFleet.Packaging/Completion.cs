namespace EdgeFleet.Packaging;

/// <summary>Completion of the command line: the program itself knows what fits, so the script only asks it.</summary>
internal static class Completion
{
    /// <summary>For bash.</summary>
    public const string Bash = """
        # bash completion for edgefleet: asks the program what fits at the cursor.
        _edgefleet() {
          local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
          COMPREPLY=($(compgen -W "$(edgefleet "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word"))
          [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
        }
        complete -F _edgefleet edgefleet

        """;
}
