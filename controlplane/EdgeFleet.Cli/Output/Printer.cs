using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace EdgeFleet.Cli.Output;

/// <summary>One column of a table: its heading and what stands in a row.</summary>
internal sealed record Column<T>(string Heading, Func<T, string?> Text);

/// <summary>Prints results in the format asked for. JSON has the shapes of the HTTP API.</summary>
internal static class Printer
{
    /// <summary>Prints a list.</summary>
    public static void List<T>(OutputFormat format, IReadOnlyList<T> rows, JsonTypeInfo<IReadOnlyList<T>> listType, Func<T, string> name, string empty, params Column<T>[] columns)
    {
        switch (format)
        {
            case OutputFormat.Json:
                Console.Out.WriteLine(JsonSerializer.Serialize(rows, listType));
                break;
            case OutputFormat.Ndjson:
                var rowType = (JsonTypeInfo<T>)listType.Options.GetTypeInfo(typeof(T));
                foreach (var row in rows)
                    Console.Out.WriteLine(JsonSerializer.Serialize(row, rowType));
                break;
            case OutputFormat.Name:
                foreach (var row in rows)
                    Console.Out.WriteLine(name(row));
                break;
            case OutputFormat.Table when rows.Count == 0:
                Console.Out.WriteLine(empty);
                break;
            default:
                AnsiConsole.Write(TableOf(rows, columns));
                break;
        }
    }

    /// <summary>Prints one thing: as JSON, by name, or through <paramref name="people"/>.</summary>
    public static void One<T>(OutputFormat format, T value, JsonTypeInfo<T> type, string name, Action people)
    {
        switch (format)
        {
            case OutputFormat.Json or OutputFormat.Ndjson:
                Console.Out.WriteLine(JsonSerializer.Serialize(value, type));
                break;
            case OutputFormat.Name:
                Console.Out.WriteLine(name);
                break;
            default:
                people();
                break;
        }
    }

    /// <summary>A table for people.</summary>
    public static Table TableOf<T>(IReadOnlyList<T> rows, params Column<T>[] columns)
    {
        var table = new Table { Border = TableBorder.None, ShowRowSeparators = false };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(new Text(column.Heading, new Style(decoration: Decoration.Bold))) { NoWrap = false, Padding = new Padding(0, 0, 2, 0) });
        foreach (var row in rows)
            table.AddRow([.. columns.Select(c => new Text(c.Text(row) ?? ""))]);
        return table;
    }

    /// <summary>A time as people read it, in local time.</summary>
    public static string Time(DateTimeOffset? at) => at is { } t ? t.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture) : "never";

    /// <summary>An error for people, on standard error.</summary>
    public static void Error(string text) => Console.Error.WriteLine("edgefleet: " + text);
}
