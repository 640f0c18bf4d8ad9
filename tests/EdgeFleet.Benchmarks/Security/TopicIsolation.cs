using System.Collections.Concurrent;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>
/// A property over random devices and topics, on real connections: what a broker takes from a device lies below that device's own name, every
/// proper topic of its own is taken, no subscription but its own is answered, and nothing of another one is heard.
/// </summary>
internal sealed class TopicIsolation(string broker, Func<string, Task<IMqttClient>> connect, int seed)
{
    private const int Publishes = 1500;
    private const int Subscriptions = 300;
    private const int Examples = 3;
    private static readonly TopicKind[] Kinds = Enum.GetValues<TopicKind>();
    private readonly Random _random = new(seed);
    private readonly ConcurrentQueue<string> _foreign = new();
    private readonly List<string> _faults = [];
    private int _taken;
    private int _refused;

    /// <summary>Runs the trials with these devices; prints counts and, on a fault, seed and topics.</summary>
    /// <param name="ids">Ids of the devices; some begin like others.</param>
    /// <param name="ownMustPass">Whether proper own topics are asked for as well; a fresh connection each would be needed where a refusal ends it.</param>
    /// <param name="subscribeCodesCount">False for a broker that grants any subscription and filters what is delivered.</param>
    public async Task<bool> RunAsync(IReadOnlyList<string> ids, bool ownMustPass, bool subscribeCodesCount, CancellationToken cancel)
    {
        var clients = new Dictionary<string, IMqttClient>();
        foreach (var id in ids)
        {
            clients[id] = await connect(id);
            clients[id].ApplicationMessageReceivedAsync += e => Hear(id, e.ApplicationMessage.Topic);
            await clients[id].SubscribeAsync(Topic.AllDown(DeviceId.Parse(id)), MqttQualityOfServiceLevel.AtLeastOnce, cancel);
        }

        var granted = 0;
        for (var i = 0; i < Subscriptions; i++)
            granted += await SubscribeAsync(clients, ids, subscribeCodesCount, cancel) ? 1 : 0;
        for (var i = 0; i < Publishes; i++)
            await PublishAsync(clients, ids, ownMustPass, cancel);
        foreach (var client in clients.Values)
            client.Dispose();

        _faults.AddRange(_foreign.Select(t => $"heard {t}"));
        Console.WriteLine($"  {broker}: {Publishes} publishes by {ids.Count} devices, {_taken} taken, {_refused} refused; {Subscriptions} subscriptions, {granted} granted; faults: {_faults.Count}{(_faults.Count > 0 ? $" (seed {seed})" : "")}");
        foreach (var fault in _faults.Take(Examples))
            Console.WriteLine($"    {fault}");
        return _faults.Count == 0 && _taken > 0 && _refused > 0;
    }

    private Task Hear(string id, string topic)
    {
        if (!topic.StartsWith($"{Topic.Root}/{id}/down/", StringComparison.Ordinal))
            _foreign.Enqueue($"{topic} as {id}");
        return Task.CompletedTask;
    }

    private async Task PublishAsync(Dictionary<string, IMqttClient> clients, IReadOnlyList<string> ids, bool ownMustPass, CancellationToken cancel)
    {
        var id = ids[_random.Next(ids.Count)];
        var address = Address(ids);
        if (_random.Next(2) == 0)
            address = address with { Device = DeviceId.Parse(id) };
        var topic = Topic.Format(address);
        var isProper = address.Device.Value == id && Topic.IsUp(address.Kind);
        if (_random.Next(2) == 0)
            (topic, isProper) = (Spoil(topic), false);
        if (topic.Length == 0 || topic.AsSpan().IndexOfAny('+', '#', '\0') >= 0)
            return; // The library does not send such a topic.

        var result = await clients[id].PublishAsync(
            new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload("{}"u8.ToArray()).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), cancel);
        var isTaken = result.ReasonCode is MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers;
        (_taken, _refused) = isTaken ? (_taken + 1, _refused) : (_taken, _refused + 1);
        if (isTaken && !IsBelow(id, topic))
            _faults.Add($"{id} published to {topic}");
        if (ownMustPass && isProper && !isTaken)
            _faults.Add($"{id} was refused its own {topic}: {result.ReasonCode} {result.ReasonString}");
    }

    private async Task<bool> SubscribeAsync(Dictionary<string, IMqttClient> clients, IReadOnlyList<string> ids, bool codesCount, CancellationToken cancel)
    {
        var id = ids[_random.Next(ids.Count)];
        var filter = _random.Next(6) switch
        {
            0 => Topic.AllDown(DeviceId.Parse(ids[_random.Next(ids.Count)])),
            1 => "#",
            2 => $"{Topic.Root}/+/down/#",
            3 => $"{Topic.Root}/{ids[_random.Next(ids.Count)]}/#",
            4 => $"+/+/+/{ids[_random.Next(ids.Count)]}/down/ack",
            _ => Topic.Format(Address(ids)),
        };
        var result = await clients[id].SubscribeAsync(filter, MqttQualityOfServiceLevel.AtLeastOnce, cancel);
        var isGranted = result.Items.Single().ResultCode <= MqttClientSubscribeResultCode.GrantedQoS2;
        if (codesCount && isGranted && filter != Topic.AllDown(DeviceId.Parse(id)))
            _faults.Add($"{id} subscribed to {filter}");
        return isGranted;
    }

    // Independent of the parser of the product: split by hand.
    private static bool IsBelow(string id, string topic)
    {
        var levels = topic.Split('/');
        return levels is ["ef", "1", "d", var device, "up", _, ..] && device == id || (levels is ["ef", "1", "d", var own, "state"] && own == id);
    }

    private TopicAddress Address(IReadOnlyList<string> ids)
    {
        var kind = Kinds[_random.Next(Kinds.Length)];
        var detail = kind is TopicKind.Telemetry or TopicKind.Event or TopicKind.Blob or TopicKind.CommandResult or TopicKind.Command ? Label() : null;
        var id = _random.Next(4) == 0 ? "x" + Label() + "x" : ids[_random.Next(ids.Count)];
        return new TopicAddress(DeviceId.Parse(id[..Math.Min(id.Length, 60)]), kind, detail);
    }

    private string Label() => string.Concat(Enumerable.Range(0, 1 + _random.Next(40)).Select(_ => "abcdefghijklmnopqrstuvwxyz0123456789"[_random.Next(36)]));

    private string Spoil(string topic)
    {
        var at = _random.Next(topic.Length);
        string[] pieces = ["/", "//", "..", "$", " ", "A", "é", "%2f", "/up/", "ef/1/d/", "​", "-", "0"];
        return _random.Next(4) switch
        {
            0 => topic.Insert(at, pieces[_random.Next(pieces.Length)]),
            1 => topic.Remove(at, 1),
            2 => topic[..at] + pieces[_random.Next(pieces.Length)] + topic[(at + 1)..],
            _ => topic[..at],
        };
    }
}
