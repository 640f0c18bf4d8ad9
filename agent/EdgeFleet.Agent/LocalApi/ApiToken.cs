using System.Security.Cryptography;
using System.Text;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>The token that callers must send, from a file that is read at each request, so that a new one counts at once.</summary>
internal sealed class ApiToken(LocalApiOptions options)
{
    private const string Scheme = "Bearer ";

    /// <summary>Judges an Authorization field.</summary>
    public bool IsRight(string authorization, out string why)
    {
        why = "";
        if (options.TokenFile.Length == 0)
            return true;

        try
        {
            var token = File.ReadLines(options.TokenFile).FirstOrDefault()?.Trim() ?? "";
            var given = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : "";
            why = token.Length == 0 ? $"{options.TokenFile} is empty, so nobody is let in." : "Send the token of this board: Authorization: Bearer TOKEN.";
            return token.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(given));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            why = $"{options.TokenFile} cannot be read, so nobody is let in.";
            return false;
        }
    }
}
