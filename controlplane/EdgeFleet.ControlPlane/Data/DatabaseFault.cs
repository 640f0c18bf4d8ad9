using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>The database cannot be used; the text says what was tried, on what, and what to do.</summary>
internal sealed class DatabaseFault(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Reads a provider's error as a fault that an operator can act on.</summary>
    public static DatabaseFault Of(Exception error, string target) => new($"The database {target} cannot be used: {Explain(error)}", error);

    private static string Explain(Exception error) => error switch
    {
        SqliteException { SqliteErrorCode: 8 } => "the file or its folder is read-only. Give the user of this process write access.",
        SqliteException { SqliteErrorCode: 13 } => "the disk is full. Free some space; nothing that was stored is lost.",
        SqliteException { SqliteErrorCode: 14 } => "the file cannot be opened. Its folder must exist and be writable for the user of this process.",
        SqliteException { SqliteErrorCode: 11 or 26 } => "the file is damaged or is no SQLite database. Move it aside and restore the last backup; devices go on from their own state.",
        SqliteException { SqliteErrorCode: 5 or 6 } => "another process holds it locked. Stop the other control plane on this data folder.",
        PostgresException { SqlState: "28P01" or "28000" } p => $"the server refuses the user ({p.MessageText}). Correct Username and Password in Database:Connection.",
        PostgresException { SqlState: "3D000" } => "there is no database of this name. Create it with 'createdb', or correct Database in Database:Connection.",
        PostgresException { SqlState: "42501" } p => $"the user lacks a right ({p.MessageText}). Make it the owner of the database.",
        PostgresException { SqlState: "53100" } => "the server's disk is full. Free some space; nothing that was stored is lost.",
        NpgsqlException { InnerException: SocketException or TimeoutException or IOException } e =>
            $"the server does not answer ({e.InnerException?.Message}). Check Host and Port in Database:Connection, and that PostgreSQL runs.",
        ArgumentException e => $"the connection string is not valid ({e.Message}). Correct Database:Connection.",
        _ when error.InnerException is { } inner => Explain(inner),
        _ => error.Message,
    };
}
