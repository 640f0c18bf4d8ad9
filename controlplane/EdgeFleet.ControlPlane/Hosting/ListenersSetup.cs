using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Enrolment;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>The three ports: people (no certificate is asked, but of who asks for a device's name), devices (certificate of our CA), broker (the same).</summary>
internal sealed class ListenersSetup(IOptions<ControlPlaneOptions> options, ServerCertificate certificate, DeviceCertificates devices, BoundPorts ports)
    : IConfigureOptions<KestrelServerOptions>
{
    private static readonly TimeSpan HandshakeTimeMax = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = 20_000;
        kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
        ports.Https = Listen(kestrel, options.Value.HttpsPort, l =>
        {
            l.UseHttps(TlsByName());
        });
        ports.DeviceHttps = Listen(kestrel, options.Value.DeviceHttpsPort, l =>
        {
            Mark(l, new Listener(IsForDevices: true));
            // One whose life is over comes in here and can do one thing: ask for its successor (Enrolment/DeviceDoor).
            l.UseHttps(Tls(devices.IsOrWasOurs));
        });
        ports.Mqtt = Listen(kestrel, options.Value.MqttPort, l => l.UseBroker(tls => tls.UseHttps(Tls(devices.IsOurs))));
    }

    private ListenOptions Listen(KestrelServerOptions kestrel, int port, Action<ListenOptions> configure)
    {
        ListenOptions? listener = null;
        void Keep(ListenOptions l) => configure(listener = l);
        if (options.Value.ListenAddress() is { } address)
            kestrel.Listen(address, port, Keep);
        else
            kestrel.ListenAnyIP(port, Keep);
        return listener!;
    }

    private TlsHandshakeCallbackOptions Tls(Func<X509Certificate?, bool>? accepts) => new()
    {
        HandshakeTimeout = HandshakeTimeMax,
        OnConnection = _ => ValueTask.FromResult(Handshake(accepts)),
    };

    // The people's port. Who asks for a device's name is a device and shows its certificate; nobody else is asked for one.
    private TlsHandshakeCallbackOptions TlsByName() => new()
    {
        HandshakeTimeout = HandshakeTimeMax,
        OnConnection = hello =>
        {
            var isDevice = options.Value.IsDeviceHost(hello.ClientHelloInfo.ServerName);
            hello.Connection.Features.Set(new Listener(isDevice));
            return ValueTask.FromResult(Handshake(isDevice ? devices.IsOrWasOurs : null));
        },
    };

    private SslServerAuthenticationOptions Handshake(Func<X509Certificate?, bool>? accepts) => new()
    {
        ServerCertificateContext = certificate.Current,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = accepts is not null,
        // A session made where no certificate is asked for must not go on where one is: there would be none.
        AllowTlsResume = accepts is null,
        RemoteCertificateValidationCallback = accepts is null ? null : (_, c, _, _) => accepts(c),
    };

    private static void Mark(ListenOptions listener, Listener mark) => listener.Use(next => connection =>
    {
        connection.Features.Set(mark);
        return next(connection);
    });
}
