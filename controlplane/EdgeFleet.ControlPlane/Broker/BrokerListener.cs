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
        listener.Use(next => connection => AdmitAsync(connection, connectTime, time, next));
        listener.UseConnectionHandler<MqttConnectionHandler>();
    }

    /// <summary>Goes on once the whole CONNECT is there, with the frame guard before the input; ends a connection where it does not come in its time.</summary>
    public static async Task AdmitAsync(ConnectionContext connection, TimeSpan within, TimeProvider time, ConnectionDelegate next)
    {
        if (!await ConnectGate.HasArrivedAsync(connection.Transport.Input, within, time))
            return;

        connection.Transport = new Guarded(new FrameGuard(connection.Transport.Input), connection.Transport.Output);
        await next(connection);
    }

    private sealed record Guarded(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
