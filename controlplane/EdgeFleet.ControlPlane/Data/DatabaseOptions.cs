using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>Where the control plane keeps what people edit and what the fleet reported last.</summary>
internal sealed class DatabaseOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Database";

    /// <summary>Provider: SQLite, one process on one machine.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>Provider: PostgreSQL, any number of processes.</summary>
    public const string Postgres = "postgres";

    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    [RegularExpression("^(sqlite|postgres)$", ErrorMessage = "Database:Provider must be 'sqlite' or 'postgres'.")]
    public string Provider { get; set; } = Sqlite;

    /// <summary>Connection string. Empty with SQLite: <c>fleet.db</c> in the data folder.</summary>
    public string Connection { get; set; } = "";
}
