using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Inference;

/// <summary>How models are chosen and run. Section <c>Inference</c>.</summary>
internal sealed record InferenceOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Inference";

    /// <summary>Seconds after which a run is ended and the sample counted as failed by the model.</summary>
    public int RunTimeoutSeconds { get; init; } = 30;

    /// <summary>Seconds after that in which a run that hangs in native code may still come back; then the process ends itself and systemd starts it anew.</summary>
    public int HangGraceSeconds { get; init; } = 30;

    /// <summary>Names of variants, the best first; what is not named comes after, if it runs on the CPU.</summary>
    public IReadOnlyList<string> Variants { get; init; } = ["cpu-int8", "cpu-fp32"];

    /// <summary>Reads the section.</summary>
    public static InferenceOptions Read(ConfigSection section) => new()
    {
        RunTimeoutSeconds = section.Int("RunTimeoutSeconds", 30, 1, 3600),
        HangGraceSeconds = section.Int("HangGraceSeconds", 30, 1, 3600),
        Variants = section.List("Variants", ["cpu-int8", "cpu-fp32"], "[\"cpu-int8\", \"cpu-fp32\"]"),
    };
}
