using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.Extensions.Options;
using MQTTnet.AspNetCore;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// MQTT over WebSocket, for boards behind networks that let nothing but HTTPS through. Stands on the devices' side alone, and everything that
/// holds for the broker's own port holds here: rate, whole CONNECT, frame guard, and the same door.
/// </summary>
internal sealed class WebSocketBroker(AcceptGate accept, MqttConnectionHandler mqtt, IOptions<BrokerOptions> options, TimeProvider time) : ConnectionHandler
{
    /// <summary>Where it is.</summary>
    public const string Path = "/mqtt";

    private const string Protocol = "mqtt";

    /// <summary>Dispatching options: no transport but WebSocket, and no more in memory unseen than at the broker's own port.</summary>
    public static void Configure(HttpConnectionDispatcherOptions dispatcher)
    {
        dispatcher.Transports = HttpTransportType.WebSockets;
        dispatcher.ApplicationMaxBufferSize = BrokerListener.UnseenBytesMax;
        dispatcher.WebSockets.SubProtocolSelector = offered => offered.Contains(Protocol) ? Protocol : null!;
    }

    /// <inheritdoc/>
    public override Task OnConnectedAsync(ConnectionContext connection) => accept.RunAsync(
        connection, accepted => BrokerListener.AdmitAsync(accepted, TimeSpan.FromSeconds(options.Value.ConnectSecondsMax), time, mqtt.OnConnectedAsync));
}
