using System.Text.Json.Serialization;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>The last entry of a backup: what is in it. Without it a backup is cut short, and is not restored.</summary>
internal sealed record BackupIndex
{
    /// <summary>Name of the entry.</summary>
    public const string EntryName = "backup.json";

    /// <summary>The form that this program writes and reads.</summary>
    public const int CurrentFormat = 1;

    /// <summary>Form of the archive.</summary>
    public required int Format { get; init; }

    /// <summary>When the database was read; what came later is not in it.</summary>
    public required DateTimeOffset Made { get; init; }

    /// <summary>Version of the program that made it.</summary>
    public required string Program { get; init; }

    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>Migrations of the database, in their order: a program that does not know all of them is too old for it.</summary>
    public required IReadOnlyList<string> Migrations { get; init; }

    /// <summary>Every other entry.</summary>
    public required IReadOnlyList<BackupFile> Files { get; init; }
}

/// <summary>One file of a backup.</summary>
/// <param name="Path">Where it lies below the data folder, with <c>/</c>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its hash, hexadecimal.</param>
internal sealed record BackupFile(string Path, long Bytes, string Sha256);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BackupIndex))]
[JsonSerializable(typeof(LastBackup))]
internal sealed partial class BackupJson : JsonSerializerContext;
