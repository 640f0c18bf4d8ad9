using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Sources.Commands;

/// <summary>Command sources over real programs.</summary>
internal static class CommandBench
{
    public static readonly AgentProgram Agent = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "edgefleet-agent.dll")]);

    public static readonly InputSpec Pictures = TestPackageSpec.Colours().Input;

    public static InputSpec Series(int length, params string[] columns) => TestPackageSpec.Series(length: length, columns: columns).Input;

    public static CommandSource Source(CommandOptions options, SourceCounters? counters = null, TimeProvider? time = null) =>
        new(options, counters ?? new SourceCounters(), Agent, time ?? TimeProvider.System, new SlotLog(SlotName.Parse("leaf"), NullLogger.Instance));

    public static CommandOptions Script(string script, ReadingFormat? lines = null) => new() { Program = "sh", Arguments = ["-c", script], Lines = lines };

    public static CommandOptions FFmpeg(params string[] arguments) =>
        new() { Program = "ffmpeg", Arguments = ["-nostdin", "-hide_banner", "-loglevel", "error", .. arguments] };

    /// <summary>Mean of red, green and blue.</summary>
    public static (double Red, double Green, double Blue) Means(PixelBuffer pixels)
    {
        var (red, green, blue) = (0.0, 0.0, 0.0);
        foreach (var pixel in pixels.Rgbx.ToArray().Chunk(4))
            (red, green, blue) = (red + pixel[0], green + pixel[1], blue + pixel[2]);
        var count = (double)pixels.Width * pixels.Height;
        return (red / count, green / count, blue / count);
    }
}
