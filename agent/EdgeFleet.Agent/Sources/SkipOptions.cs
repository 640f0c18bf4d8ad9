using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources;

/// <summary>When a frame of a camera counts as that of an unchanged scene and is passed over.</summary>
internal sealed record SkipOptions
{
    /// <summary>Grey levels (of 255) by which the most changed part of the picture must differ from the last frame that was answered.</summary>
    public double Difference { get; init; } = 8;

    /// <summary>Seconds after which a frame is answered though nothing changed.</summary>
    public double AtMostSeconds { get; init; } = 60;

    /// <summary>Reads the section <c>SkipUnchanged</c> of a slot.</summary>
    public static SkipOptions Read(ConfigSection section)
    {
        var options = new SkipOptions { Difference = section.Number("Difference", 8, 0.5, 255), AtMostSeconds = section.Number("AtMostSeconds", 60, 0.1, 3600) };
        section.RejectUnknown();
        return options;
    }
}
