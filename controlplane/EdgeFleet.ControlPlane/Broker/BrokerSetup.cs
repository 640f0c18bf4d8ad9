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
        services.AddSingleton<DeviceConnections>().AddSingleton<BrokerDoor>().AddSingleton<UplinkGate>().AddSingleton<MqttDownlink>();
        services.AddSingleton<IDownlink>(s => s.GetRequiredService<MqttDownlink>());
        services.AddSingleton<IDeviceConnections>(s => s.GetRequiredService<MqttDownlink>());
        return services.AddHostedService<BrokerWorker>();
    }

    private static MqttServerOptions Options(BrokerOptions options) => new MqttServerOptionsBuilder()
        .WithoutDefaultEndpoint()
        .WithDefaultCommunicationTimeout(TimeSpan.FromSeconds(options.ConnectSecondsMax))
        .WithMaxPendingMessagesPerClient(options.WaitingMax)
        .Build();
}
