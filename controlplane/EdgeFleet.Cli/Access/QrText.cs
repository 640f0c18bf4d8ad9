using System.Text;
using QRCoder;

namespace EdgeFleet.Cli.Access;

/// <summary>A QR code for a terminal: two rows of modules a line of text, light on dark, with the quiet zone that readers need.</summary>
internal static class QrText
{
    /// <summary>Draws a text.</summary>
    public static string Draw(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.L);
        var rows = code.ModuleMatrix;
        var drawn = new StringBuilder();
        for (var y = 0; y < rows.Count; y += 2)
        {
            for (var x = 0; x < rows.Count; x++)
            {
                var (upper, lower) = (rows[y][x], y + 1 >= rows.Count || rows[y + 1][x]);
                drawn.Append((upper, lower) switch { (false, false) => '\u2588', (false, true) => '\u2580', (true, false) => '\u2584', _ => ' ' });
            }

            drawn.Append('\n');
        }

        return drawn.ToString();
    }
}
