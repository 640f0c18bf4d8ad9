using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Commands;

/// <summary>What is kept of commands: the highest number taken, and the answers to the last ones, so that one that comes again is answered and not done again.</summary>
internal sealed record HeldCommands
{
    /// <summary>Answers that are kept.</summary>
    public const int AnswersMax = 16;

    /// <summary>Version of the file.</summary>
    public int V { get; set; } = 1;

    /// <summary>Highest number taken.</summary>
    public long Number { get; init; }

    /// <summary>The last commands, oldest first.</summary>
    public IReadOnlyList<AnsweredCommand> Answered { get; set; } = [];

    /// <summary>The same with one more.</summary>
    public HeldCommands With(string id, string kind, CommandResult result) => this with
    {
        Number = Math.Max(Number, result.Number),
        Answered = [.. Answered.TakeLast(AnswersMax - 1), new AnsweredCommand { Id = id, Kind = kind, Result = result }],
    };
}

/// <summary>A command that was answered.</summary>
internal sealed record AnsweredCommand
{
    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary>What it was to do.</summary>
    public required string Kind { get; init; }

    /// <summary>The answer.</summary>
    public required CommandResult Result { get; init; }
}

/// <summary>Keeps <c>commands.json</c>. It outlives a wipe: otherwise an old command could be played again after the board is enrolled anew.</summary>
internal sealed class CommandStore(string stateFolder)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "commands.json";

    private readonly string _path = Path.Combine(stateFolder, FileName);

    /// <summary>Folder of everything the agent keeps.</summary>
    public string StateFolder => stateFolder;

    /// <summary>Reads it; null when it cannot be read, and then no command may be taken.</summary>
    public HeldCommands? Load()
    {
        if (!File.Exists(_path))
            return new HeldCommands();

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(_path), CommandsJson.Default.HeldCommands) is { V: 1 } held ? held : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes it durably.</summary>
    /// <exception cref="IOException">It was not written.</exception>
    public void Save(HeldCommands held) => DurableFile.Replace(_path, JsonSerializer.SerializeToUtf8Bytes(held, CommandsJson.Default.HeldCommands));
}

/// <summary>Source-generated JSON of the files of this folder.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 16)]
[JsonSerializable(typeof(HeldCommands))]
internal sealed partial class CommandsJson : JsonSerializerContext;
