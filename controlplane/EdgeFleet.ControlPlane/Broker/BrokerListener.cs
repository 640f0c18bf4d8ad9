using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using MQTTnet.AspNetCore;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>Puts the broker behind a port: a rate of connections, TLS where it is asked for, the whole CONNECT in its time, the frame guard, then MQTT.</summary>
internal static class BrokerListener
{
    /// <summary>Most bytes that are read of a connection before somebody looks at them. Together with one block of memory: 20 kB.</summary>
    public const int UnseenBytesMax = 16 * 1024;

    /// <summary>Puts the broker behind a port.</summary>
    /// <param name="listener">The port.</param>
    /// <param name="tls">Adds TLS.</param>
    public static void UseBroker(this ListenOptions listener, Action<ListenOptions>? tls = null)
    {
        var services = listener.ApplicationServices;
        var (accept, time) = (services.GetRequiredService<AcceptGate>(), services.GetRequiredService<TimeProvider>());
        var connectTime = TimeSpan.FromSeconds(services.GetRequiredService<IOptions<BrokerOptions>>().Value.ConnectSecondsMax);
        listener.Use(next => connection => accept.RunAsync(connection, next));
        tls?.Invoke(listener);
        listener.Use(next => async connection =>
        {
            if (!await ConnectGate.HasArrivedAsync(connection.Transport.Input, connectTime, time))
                return;

            connection.Transport = Guard(connection.Transport);
            await next(connection);
        });
        listener.UseConnectionHandler<MqttConnectionHandler>();
    }

    /// <summary>The transport with the frame guard before its input.</summary>
    public static IDuplexPipe Guard(IDuplexPipe transport) => new Guarded(new FrameGuard(transport.Input), transport.Output);

    private sealed record Guarded(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
