using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>The installed agent: its service, what it says of itself and what it keeps.</summary>
internal sealed class AgentOnBoard(Board board, CancellationToken cancel)
{
    /// <summary>The board.</summary>
    public Board Board => board;

    /// <summary>Its id in the fleet.</summary>
    public string Device => Assigned()["device"]!.GetValue<string>();

    /// <summary>The certificate in force.</summary>
    public X509Certificate2 Certificate() => X509Certificate2.CreateFromPem(Assigned()["certificate"]!.GetValue<string>());

    /// <summary>Name of the update's step on disk; empty when there is none, or it is just being written.</summary>
    public string Step()
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(board[$"{Names.State}/updates/{Names.Slot}.json"]));
            return json.RootElement.GetProperty("state").GetProperty("is").GetString()!;
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return "";
        }
    }

    /// <summary>What the running agent says of itself; null when none answers.</summary>
    public async Task<JsonNode?> StatusAsync()
    {
        var (_, output, _) = await board.TryAsync("edgefleet-agent", "status", "--json");
        try
        {
            return JsonNode.Parse(output);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Waits until the running agent's status is as asked.</summary>
    public async Task<JsonNode> StatusAsync(Func<JsonNode, bool> holds, string what)
    {
        try
        {
            return await Eventually.GetAsync(async () => await StatusAsync() is { } status && holds(status) ? status : null, what, board.Patience, cancel);
        }
        catch (TimeoutException e)
        {
            throw new ShortException($"{e.Message} The agent says: {(await board.TryAsync("edgefleet-agent", "status")).All}\n{await board.JournalAsync()}");
        }
    }

    /// <summary>Waits until it is connected.</summary>
    public Task<JsonNode> ConnectedAsync() => StatusAsync(IsConnected, "the agent to be connected");

    /// <summary>Waits until the service is active by systemd's reckoning: the agent said that it is ready.</summary>
    public async Task ActiveAsync()
    {
        try
        {
            await Eventually.GetAsync(async () => (await board.TryAsync("systemctl", "is-active", Names.Unit)).Output.Trim() == "active" ? "" : null, "the service to be active", board.Patience, cancel);
        }
        catch (TimeoutException e)
        {
            throw new ShortException($"{e.Message}\n{await board.JournalAsync()}");
        }
    }

    /// <summary>Waits until a model serves and its update is over.</summary>
    public Task<JsonNode> ServesAsync(string label) => StatusAsync(
        s => Slot(s)["active"] is { } active && $"{active["name"]}@{active["version"]}" == label && Step() == "Committed", $"{label} to be committed");

    /// <summary>True when a status says that the agent is connected.</summary>
    public static bool IsConnected(JsonNode status) => status["link"]!["connected"]?.GetValue<bool>() == true;

    /// <summary>The slot in a status.</summary>
    public static JsonNode Slot(JsonNode status) => status["slots"]!.AsArray().Single()!;

    private JsonNode Assigned() => JsonNode.Parse(File.ReadAllText(board[$"{Names.State}/identity/device.json"]))!;
}
