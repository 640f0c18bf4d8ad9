using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>The way of a call to a slot's model, with what keeps it from there.</summary>
internal sealed class ModelDoor(IEnumerable<SlotHost> hosts, TimeProvider time)
{
    private readonly Dictionary<string, SlotHost> _hosts = hosts.ToDictionary(h => h.Slot.Value);

    /// <summary>All slots.</summary>
    public IEnumerable<SlotHost> Hosts => _hosts.Values;

    /// <summary>The slot and the model that serves it now, or what is answered instead.</summary>
    public (SlotHost Host, LoadedModel Model)? Find(string slot, string? version, out ApiAnswer refusal)
    {
        refusal = null!;
        if (!_hosts.TryGetValue(slot, out var host))
        {
            refusal = ApiAnswer.Error(404, $"There is no slot '{slot}' on this board; there are {string.Join(", ", _hosts.Keys)}.");
            return null;
        }

        if (host.Active is not { } model)
        {
            refusal = ApiAnswer.Busy(503, $"Slot {slot} has no model now.");
            return null;
        }

        if (version is null || version == model.Manifest.Version)
            return (host, model);

        refusal = ApiAnswer.Error(404, $"Slot {slot} runs {model.Package.Label}; there is no version '{version}'.");
        return null;
    }

    /// <summary>Lets a call wait for its turn and gives the model's answer, or what is answered instead.</summary>
    public static async Task<(CallAnswer.Answered? Answer, ApiAnswer? Refusal)> AskAsync(SlotHost host, ModelCall call, CancellationToken stop)
    {
        if (!host.Queue.Offer(call))
            return (null, ApiAnswer.Busy(429, $"{host.Queue.Calls.LengthMax} calls wait for slot {host.Slot} already."));

        await using var abandon = stop.UnsafeRegister(static c => ((ModelCall)c!).End(new CallAnswer.Closed()), call);
        return await call.Answer switch
        {
            CallAnswer.Answered answered => (answered, null),
            CallAnswer.Unfit unfit => (null, ApiAnswer.Error(422, unfit.Why)),
            CallAnswer.Failed failed => (null, ApiAnswer.Error(500, failed.Why)),
            CallAnswer.Changed => (null, ApiAnswer.Busy(503, $"Slot {host.Slot} got another model meanwhile; ask again.")),
            _ => (null, ApiAnswer.Busy(503, "The agent stops.")),
        };
    }

    /// <summary>Now, for a call.</summary>
    public long Now => time.GetTimestamp();
}
