using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Agent.Power;

/// <summary>
/// A number in a file of the kernel that is read many times a second: the file stays open and is read from its begin, without allocation. After a failure it is
/// closed and opened anew by the next reading; a device that came back under another number is found by looking for it anew.
/// </summary>
internal sealed class SysfsNumber(string path) : IDisposable
{
    private const int BytesMax = 32;
    private SafeFileHandle? _handle;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads it.</summary>
    public bool TryRead(out long value)
    {
        try
        {
            _handle ??= File.OpenHandle(path);
            Span<byte> text = stackalloc byte[BytesMax];
            text = text[..RandomAccess.Read(_handle, text, 0)].TrimStart((byte)' ');
            if (Utf8Parser.TryParse(text, out value, out _))
            {
                Fault = null;
                return true;
            }

            Fault = $"{path} holds no number.";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fault = e.Message;
        }

        value = 0;
        Dispose();
        return false;
    }

    /// <summary>Closes the file; a later reading opens it again.</summary>
    public void Dispose()
    {
        _handle?.Dispose();
        _handle = null;
    }
}
