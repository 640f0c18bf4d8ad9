using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>Carries what became of a form to the page that is shown next, in its address: sealed, so that nobody can put words of his own on our pages.</summary>
internal sealed class Notes(IDataProtectionProvider protection)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromMinutes(5);
    private readonly ITimeLimitedDataProtector _seal = protection.CreateProtector("EdgeFleet.Pages.Notes").ToTimeLimitedDataProtector();

    /// <summary>An address within the site that shows the sentence.</summary>
    public string On(string address, string sentence) =>
        $"{address}{(address.Contains('?') ? '&' : '?')}note={Uri.EscapeDataString(_seal.Protect(sentence, Lasts))}";

    /// <summary>A text sealed for an address, to be read by <see cref="Read"/> for a few minutes.</summary>
    public string Seal(string text) => Uri.EscapeDataString(_seal.Protect(text, Lasts));

    /// <summary>The sentence of a note; null when there is none or it is old or not ours.</summary>
    public string? Read(string? note)
    {
        if (string.IsNullOrEmpty(note))
            return null;
        try
        {
            return _seal.Unprotect(note);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
