using System.CommandLine;

namespace EdgeFleet.Cli.Output;

/// <summary>How results are printed.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON document a line.</summary>
    Ndjson,

    /// <summary>Names alone, one a line.</summary>
    Name,
}

/// <summary>The option <c>-o</c> that every command has.</summary>
internal static class OutputOptions
{
    private static readonly Option<OutputFormat> Format = new("--output", "-o")
    {
        Description = "table, json, ndjson or name.",
        Recursive = true,
        DefaultValueFactory = _ => OutputFormat.Table,
    };

    public static void AddTo(RootCommand root) => root.Add(Format);

    public static OutputFormat Of(ParseResult parsed) => parsed.GetValue(Format);
}
