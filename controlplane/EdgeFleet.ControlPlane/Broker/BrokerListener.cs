using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using MQTTnet.AspNetCore;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>Puts the broker behind a port: a count of connections, the frame guard, then MQTT.</summary>
internal static class BrokerListener
{
    public static void UseBroker(this ListenOptions listener)
    {
        var connectionsMax = listener.ApplicationServices.GetRequiredService<IOptions<BrokerOptions>>().Value.ConnectionsMax;
        var connections = 0;
        listener.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref connections) > connectionsMax)
                {
                    connection.Abort(new ConnectionAbortedException($"There are {connectionsMax} connections already (Broker:ConnectionsMax)."));
                    return;
                }

                connection.Transport = new Guarded(new FrameGuard(connection.Transport.Input), connection.Transport.Output);
                await next(connection);
            }
            finally
            {
                Interlocked.Decrement(ref connections);
            }
        });
        listener.UseConnectionHandler<MqttConnectionHandler>();
    }

    private sealed record Guarded(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
