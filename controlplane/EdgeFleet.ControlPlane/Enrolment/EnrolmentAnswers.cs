using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Puts together what a board is told when it is taken in.</summary>
internal sealed class EnrolmentAnswers(CertificateAuthority authority, DesiredSigner signer, Addresses addresses, TicketPins pins)
{
    public EnrolmentResponse For(DeviceId device, X509Certificate2 certificate, string host) => new()
    {
        Device = device,
        Certificate = certificate.ExportCertificatePem() + "\n" + authority.ChainPem,
        Ca = authority.Pem,
        MqttHost = addresses.DeviceHost(host),
        MqttPort = addresses.MqttPort,
        Packages = addresses.Packages(host),
        Api = addresses.Devices(host),
        Keys = [signer.PublicKey],
        Root = pins.Root,
    };
}
