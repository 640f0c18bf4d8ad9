using System.Net;
using EdgeFleet.ControlPlane.Broker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MQTTnet.Server;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>
/// The broker's listener without TLS before it, as a process of its own to be measured from outside. The product has no such port: whoever wants
/// to reach the frame guard there must hold a device's certificate.
/// </summary>
internal static class PlainBroker
{
    /// <summary>The word that makes this program be the broker.</summary>
    public const string Word = "plain-broker";

    /// <summary>What it prints before its port.</summary>
    public const string Ready = "listening on ";

    /// <summary>Serves until it is stopped.</summary>
    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        // The rate of connections is not what is measured.
        builder.Configuration["Broker:AcceptBurst"] = "100000";
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddBroker(builder.Configuration);
        // No device is known here, and none gets so far as to be asked for.
        builder.Services.Remove(builder.Services.Single(s => s.ImplementationType == typeof(BrokerWorker)));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener => listener.UseBroker()));
        await using var app = builder.Build();
        await app.Services.GetRequiredService<MqttServer>().StartAsync();
        await app.StartAsync(cancel);
        Console.WriteLine(Ready + new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single()).Port);
        await app.WaitForShutdownAsync(cancel);
        return true;
    }
}
