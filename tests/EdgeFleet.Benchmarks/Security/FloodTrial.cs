using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Security;

/// <summary>What strangers cost: memory a connection and bytes read, of our listener, of mosquitto as it comes, and before TLS is done.</summary>
internal static class FloodTrial
{
    private const int Connections = 1000;
    private const int More = 3000;
    // Few at once, often: code is compiled anew when it was called some thirty times, and that is no cost of a connection.
    private const int WarmAtOnce = 20;
    private const int WarmTimes = 8;
    private const double KbMax = 16;
    private const double ReadKbMax = 20;
    private const int ClaimSentMax = 64 * 1024;
    private const int ModestSentMax = 15 * 1024;

    /// <summary>The plain listener against mosquitto's default in the same run. True when ours is within its limits.</summary>
    public static async Task<bool> PlainAsync(TempFolder folder, CancellationToken cancel)
    {
        await using var ours = LocalProcess.Start(
            [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0], PlainBroker.Word, OwnNetwork.Marker], folder["plain-broker.log"], new Dictionary<string, string> { ["DOTNET_gcServer"] = "1" });
        await Eventually.IsAsync(() => ours.Output.Contains(PlainBroker.Ready, StringComparison.Ordinal), "our plain listener", TimeSpan.FromSeconds(60), cancel);
        var port = int.Parse(ours.Output.Split(PlainBroker.Ready)[1].Split('\n')[0], CultureInfo.InvariantCulture);
        await WarmAsync(port, Plain, cancel);
        var (guarded, firstKb) = await MeasureAsync(ours.Id, port, Plain, Flood.Claim, ClaimSentMax, cancel);
        Say("ours, 8 MiB claimed", guarded, firstKb);
        var guardedKb = await MoreAsync(ours.Id, port, Flood.Claim, ClaimSentMax, cancel);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ours, 8 MiB claimed, each of {More} more {guardedKb,15:0.0} kB each (at most {KbMax:0})"));
        var (modest, modestKb) = await MeasureAsync(ours.Id, port, Plain, Flood.Modest, ModestSentMax, cancel);
        Say("ours, 16 KiB claimed, 15 sent, kept open", modest, modestKb);

        var (blast, blastKb) = await MeasureAsync(ours.Id, port, Plain, [.. Flood.Claim, .. new byte[ClaimSentMax]], 0, cancel);
        Say("ours, 8 MiB claimed, 64 kB of it sent at once", blast, blastKb);

        await using var mosquitto = new MosquittoProcess(folder["mosquitto"], "allow_anonymous true");
        await mosquitto.StartAsync(cancel);
        var (theirs, theirsKb) = await MeasureAsync(mosquitto.ProcessId, mosquitto.Port, Plain, Flood.Claim, ClaimSentMax, cancel);
        Say("mosquitto's default, 8 MiB claimed", theirs, theirsKb);
        return guarded.Closed == Connections && modest.Closed == Connections && blast.Closed == Connections && guardedKb <= KbMax && guarded.SentMost <= ReadKbMax * 1024;
    }

    /// <summary>The TLS port: handshakes begun and left, handshakes without a certificate, and a device that claims 8 MiB.</summary>
    public static async Task<bool> TlsAsync(ControlPlaneProcess plane, FleetClient api, CancellationToken cancel)
    {
        var device = await BenchDevice.EnrolAsync((await api.CreateTokenAsync(new EnrolmentTokenRequest(), cancel)).Ticket, "flood-board", cancel);
        using var ca = X509Certificate2.CreateFromPem(device.Answer.Ca);
        var (pid, port, trust) = (plane.ProcessId, device.Answer.MqttPort, PinnedCa.Validate(ca));
        await WarmAsync(port, s => TlsAsync(s, trust, device.Certificate), cancel);

        var (begun, begunKb) = await MeasureAsync(pid, port, s => BeginTlsAsync(s, trust), [], 0, cancel);
        Say("TLS begun and left", begun, begunKb);
        var (stranger, strangerKb) = await MeasureAsync(pid, port, s => TlsAsync(s, trust, null), Flood.Claim, ClaimSentMax, cancel);
        Say("TLS without a certificate", stranger, strangerKb);
        var (claim, claimKb) = await MeasureAsync(pid, port, s => TlsAsync(s, trust, device.Certificate), Flood.Claim, ClaimSentMax, cancel);
        Say("TLS with a device's certificate, 8 MiB claimed", claim, claimKb);
        return begun.Closed == Connections && stranger.Closed == Connections && claim.Closed == Connections;
    }

    private static async Task<(FloodOutcome Outcome, double KbEach)> MeasureAsync(int pid, int port, Func<Socket, Task<Stream>> open, byte[] begin, int bytesMax, CancellationToken cancel)
    {
        var before = PeakRss.Reset(pid);
        var peak = 0L;
        var outcome = await Flood.RunAsync(port, Connections, open, begin, bytesMax, () => peak = PeakRss.Read(pid), cancel);
        return (outcome, (peak - before) / 1024.0 / Connections);
    }

    private static async Task WarmAsync(int port, Func<Socket, Task<Stream>> open, CancellationToken cancel)
    {
        for (var i = 0; i < WarmTimes; i++)
            await Flood.RunAsync(port, WarmAtOnce, open, Flood.Claim, ClaimSentMax, () => { }, cancel);
    }

    // What a connection costs beyond what the collector holds back and the first thousand made it take: the second figure of two floods.
    private static async Task<double> MoreAsync(int pid, int port, byte[] begin, int bytesMax, CancellationToken cancel)
    {
        var peaks = new List<long>();
        foreach (var connections in new[] { Connections, Connections + More })
        {
            PeakRss.Reset(pid);
            await Flood.RunAsync(port, connections, Plain, begin, bytesMax, () => peaks.Add(PeakRss.Read(pid)), cancel);
        }

        return (peaks[1] - peaks[0]) / 1024.0 / More;
    }

    private static Task<Stream> Plain(Socket socket) => Task.FromResult<Stream>(new NetworkStream(socket));

    private static async Task<Stream> TlsAsync(Socket socket, RemoteCertificateValidationCallback trust, X509Certificate2? certificate)
    {
        var tls = new SslStream(new NetworkStream(socket), false, trust);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = certificate is null ? null : [certificate] });
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            await tls.DisposeAsync();
        }

        return tls;
    }

    // Its hello is sent; what comes back is never read.
    private static Task<Stream> BeginTlsAsync(Socket socket, RemoteCertificateValidationCallback trust)
    {
        var stream = new HelloOnly(new NetworkStream(socket));
        var tls = new SslStream(stream, false, trust);
        _ = tls.AuthenticateAsClientAsync("localhost").ContinueWith(t => _ = t.Exception, TaskScheduler.Default);
        return Task.FromResult<Stream>(tls);
    }

    private static void Say(string what, FloodOutcome outcome, double kb) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  {what,-48} {kb,7:0.0} kB each, {outcome.SentMost / 1024.0,5:0.0} kB sent at most ({outcome.SentMedian / 1024.0:0.0} median), {outcome.Closed} of {outcome.Connections} closed{(outcome.Closed == outcome.Connections ? $", all by {outcome.SecondsToClose:0.0} s" : "")}"));

    private sealed class HelloOnly(Stream inner) : Stream
    {
        private readonly TaskCompletionSource<int> _never = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(_never.Task);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            _never.TrySetException(new IOException("Left."));
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}

/// <summary>The kernel's own high-water mark of a process's memory.</summary>
internal static class PeakRss
{
    /// <summary>Sets the mark back to what is used now, in bytes.</summary>
    public static long Reset(int pid)
    {
        File.WriteAllText($"/proc/{pid}/clear_refs", "5");
        return Read(pid);
    }

    /// <summary>The mark, in bytes.</summary>
    public static long Read(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmHWM:", StringComparison.Ordinal))["VmHWM:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
}
