using EdgeFleet.ControlPlane.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using MQTTnet.AspNetCore;
using MQTTnet.Server;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>Registers the embedded broker and the way down.</summary>
internal static class BrokerSetup
{
    public static IServiceCollection AddBroker(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<BrokerOptions>().BindConfiguration(BrokerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<MqttConnectionHandler>().AddSingleton<BrokerLog>().AddSingleton<AcceptGate>();
        services.Configure<SocketTransportOptions>(o => o.MaxReadBufferSize = BrokerListener.UnseenBytesMax);
        services.AddSingleton(s => new MqttServerFactory(s.GetRequiredService<BrokerLog>()).CreateMqttServer(
            Options(s.GetRequiredService<IOptions<BrokerOptions>>().Value), [s.GetRequiredService<MqttConnectionHandler>()]));
        services.AddSingleton<DeviceConnections>().AddSingleton<DeviceQuotas>().AddSingleton<BrokerDoor>()
            .AddSingleton<HeldWills>().AddSingleton<UplinkGate>().AddSingleton<MqttDownlink>();
        services.AddSingleton<IDownlink>(s => s.GetRequiredService<MqttDownlink>());
        services.AddSingleton<IDeviceConnections>(s => s.GetRequiredService<MqttDownlink>());
        services.AddSingleton<WebSocketBroker>().AddConnections();
        return services.AddHostedService<BrokerWorker>();
    }

    /// <summary><c>/mqtt</c> on the devices' side; the certificate is judged by the broker's own door.</summary>
    public static void MapBroker(this IEndpointRouteBuilder routes) =>
        routes.MapConnectionHandler<WebSocketBroker>(WebSocketBroker.Path, WebSocketBroker.Configure).OnDevicePort().WithMetadata(new Microsoft.AspNetCore.Authorization.AllowAnonymousAttribute());

    private static MqttServerOptions Options(BrokerOptions options) => new MqttServerOptionsBuilder()
        .WithoutDefaultEndpoint()
        .WithDefaultCommunicationTimeout(TimeSpan.FromSeconds(options.ConnectSecondsMax))
        .WithMaxPendingMessagesPerClient(options.WaitingMax)
        .Build();
}
