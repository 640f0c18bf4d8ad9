using System.Text.Json;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>What a problem (RFC 9457) says.</summary>
internal static class ProblemText
{
    /// <summary>Its sentence; null when the bytes are no problem.</summary>
    public static string? DetailOf(byte[] problem)
    {
        try
        {
            using var document = JsonDocument.Parse(problem);
            return document.RootElement.TryGetProperty("detail", out var detail) ? detail.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
