using System.IO.Compression;
using System.Text;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// A text that both sides know and that every compressed message goes on from: most of a short message is names of fields, which then cost next to nothing. .NET's
/// Brotli takes no dictionary, but its stream can be cut: the text is compressed first and flushed to a whole byte, and only what follows travels. The receiver puts
/// the stored beginning in front again.
/// </summary>
/// <remarks>
/// What follows is only good behind the very bytes that the sender's encoder began with. An encoder that begins otherwise (another version of Brotli) does not use
/// the dictionary; every decoder reads both. A changed text needs a marker of its own.
/// </remarks>
internal static class WireDictionary
{
    private const string Text = """
        {"v":1,"epoch":"","low":,"first":,"records":[{"type":"gap","at":17,"slot":"","gap":{"from":17,"to":17,"missing":,"reason":"
        {"type":"update","update":{"from":"Idle","to":"Downloading","package":{"name":"","version":"","digest":"","size":},"attempt":1,"rollout":,"failure":"Statistical"}}
        Verifying","to":"Rehearsing","to":"Shadowing","to":"Activating","to":"Probation","to":"Committed","to":"Rejected","RollingBack","RolledBack","Inconsistent
        {"type":"drift","drift":{"from":"learning","now":{"segment":"night","state":"drifting","since":17,"progress":1,"windows":,"causes":["dark","bright","blurred","warm-cast",
        "cool-cast","scene","class-mix","confidence-drop","frozen-camera"],"features":[{"name":"luma","size":,"up":false},{"name":"sharpness","size":,"up":true}],
        "accuracy":,"accuracyLow":,"accuracyHigh":,"perMinute":},"seen":2,"of":3,"model":"
        {"type":"alert","alert":{"rule":"","label":"","severity":"critical","raised":true,"seen":,"of":,"confidence":0.9,"model":"","photo":""}}
        {"v":1,"epoch":"","revision":,"at":17,"desiredVersion":,"slots":[{"slot":"","state":"Committed","since":17,"active":{"name":"","version":"","digest":"","size":},
        "variant":"cpu-int8","previous":{"name":"","attempt":1,"rollout":,"shadow":"skipped","drift":{"state":"learning","segments":[{"segment":"day","state":"steady","package":[
        "samples":{"read":,"dropped":0,"answered":,"failed":0,"waiting":0}}],"warnings":[{"code":"","text":"","remedy":"
        "seconds":"","steps":"","failed":"","dropped":"","energyUj":"","energyNetUj":"","energySigmaUj":"","energyShare":"","red\ngreen\nblue",
        {"v":1,"epoch":"","low":1,"first":1,"records":[{"slot":"","at":17,"seconds":3600,"model":"","variant":"cpu-int8","answered":36000,"failed":0,"queueUs":[0,8,"","D"],
        "prepareUs":[0,34,"D"],"inferUs":[0,33,"D"],"postUs":[0,3,"C"],"inputs":["image-1","CxDQAAAA","Ex","Dx","Dx"],"energy":{"outputs":[],
        "confidence":["confidence","Aw0A","Cw","BwZ","BwDLwA"],"entropy":["entropy","Aw0A","Cw","BwZ","BwDOgA"],"drift":"steady","driftSize":1}]}
        {"v":1,"epoch":"","low":1,"first":1,"slot":["leaf"],"at":17,"model":["@1.0.0"],"answered":"CeLlgBCb","p50Us":"CeM","p95Us":"CeM","maxUs":"CeM","confidence":"CeL"}
        """;

    // What Brotli of .NET 10 makes of the text at quality 9 and window 18. A test tells when an encoder makes something else.
    private const string Begun =
        "gzwEAMRqqvVqyq1PHvSfqT6ErHeBxUlGATQIO+M/rTWiaqmERKhEWrx58//sia5gMojZ7GHeLIknaETR11A7M6cTFLA/TNv/N5hDZgTuXTGFBNTU1i0gCcboyLPgoJrzDQrGBNR8VKoH"
        + "QQWls0MCDZFzmCXlRrV41+1ucNf8pcZcW3lZTQ3OQiIhoMTIN5Y3Gre6NYNXcaQD2oBSRWZgv8mqbmoFAXfSGNGm4gG4yYNZM2SEG6wL4G0CgTluhienVsYOlGz5VrWIMflib8pVsBIS"
        + "541LhuwcdF98nyrtFs3Lp0UwcxVU54t3E1Xu7FvnrutMCKy9bqm5mH56c21rbHWmiqbzWDejt7Zw9s0ITtgQhQPamzI0dG1Miho0CDZdvQ14pxkSxIHIiYRIJ/dkX1I9JZ0iKRll/N4S"
        + "2QNRr4bMQfVi9SbeT4iUiEcFjB5O2VKDEggP1oiAf1pB+CJ/Ou3MsvnE2dJotgWnvGaD8Ohes02lQC/GBKqVtMjJ3tfOOpXCIKEY3oGkPpI1WTTG7i0eaezKUkWjcUwJ3u7PLlaG6j76"
        + "wAZq1zemmrbLevaPxs4COb03MFvIHYIrVebu085pbmmb3lZFNHQtJrA9M5qjJg4AmSwlNMOEFSTevGZYtSCIFoJVhUeNL8YeQYrRcfCipvf8wO1lMSYMroS2RJF5eKbmwXjWogmm4GqK"
        + "bIO/FbX4yNecw4rwt5QlvQSCHvhX7WepseFIyc00Pm6EfUk0imZoaEzfg2Yxg4LbnJkNGEOLJ85qtepeGQIrvZI0LXmCjEgCBimM8EGvCLZbCoL8hwaJFDbiPHYSpIhxrCWBIRAghgk/"
        + "evcbTqSmjjU9uAmyifiQBB73tyoEzBYUmClPOPVZtxc8cRifezdVp/rWqfLADHnW/zZjsf9tphVQB0qyiUTW7pG1Bt1Ym8Lm6u6BECS7Pg0Y0Qk3u0Wcyhc54c/AGgQdqUEQLsDK/CqE"
        + "Td3dvW4WjC3ZD3m7yDBV00I4t4uXVqKJ4av5VaYZPj1fXryenp6egnApqGIXF/Fx3IEc6JUAXAMSH3fuynUGCacL4VvR+aL5bPF31X3xsDj1sjN417eJ/HYjjkqeK6Zyg1ilZuSdte4h"
        + "i+OYcJRY4ZxFwqXPKsk4jZbkOMlGYiSMrWRZjHN+aKuz8wmL2PsiLjXO+VGn5vF+7U4tfZEDX2xEAw==";

    private static readonly byte[] Plain = Encoding.ASCII.GetBytes(Text);

    /// <summary>The beginning of every compressed message, which does not travel.</summary>
    public static byte[] Beginning { get; } = Convert.FromBase64String(Begun);

    /// <summary>Length of the text, to be cut off what a decoder gives.</summary>
    public static int Length => Plain.Length;

    /// <summary>Compresses a message behind the text; false when it cannot be done here or does not fit.</summary>
    public static bool TryCompress(ReadOnlySpan<byte> message, Span<byte> into, int quality, int window, out int written)
    {
        written = 0;
        var begun = Begin(quality, window, out var encoder);
        using (encoder)
        {
            if (!begun.AsSpan().SequenceEqual(Beginning))
                return false;

            return encoder.Compress(message, into, out var taken, out written, isFinalBlock: true) == System.Buffers.OperationStatus.Done && taken == message.Length;
        }
    }

    /// <summary>What this encoder makes of the text.</summary>
    internal static byte[] Begin(int quality, int window, out BrotliEncoder encoder)
    {
        encoder = new BrotliEncoder(quality, window);
        var room = new byte[BrotliEncoder.GetMaxCompressedLength(Plain.Length) + 64];
        encoder.Compress(Plain, room, out _, out var first, isFinalBlock: false);
        encoder.Flush(room.AsSpan(first), out var second);
        return room[..(first + second)];
    }
}
