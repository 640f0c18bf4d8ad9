using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>Settings to ONNX Runtime's options. Spinning is off unless it is asked for: a board that waits must not burn.</summary>
public static class SessionOptionsBuilder
{
    private static readonly Dictionary<string, string> Defaults = new()
    {
        ["session.intra_op.allow_spinning"] = "0",
        ["session.inter_op.allow_spinning"] = "0",
    };

    /// <summary>Makes the options; the caller disposes them.</summary>
    /// <exception cref="OnnxRuntimeException">The provider is not in this library, or refuses its options.</exception>
    /// <exception cref="ArgumentException">An option or the provider is not known, or a value does not fit.</exception>
    public static SessionOptions Build(SessionSettings settings)
    {
        var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, InterOpNumThreads = 1 };
        try
        {
            // XNNPACK brings threads of its own; ORT's would only stand in their way.
            options.IntraOpNumThreads = settings.Provider == ExecutionProviders.Xnnpack ? 1 : settings.Threads;
            foreach (var (key, value) in Defaults.Where(d => !settings.Entries.ContainsKey(d.Key)))
                options.AddSessionConfigEntry(key, value);
            foreach (var (key, value) in settings.Entries)
                options.AddSessionConfigEntry(key, SessionKeys.All.WhyNot(key, value) is { } why ? throw new ArgumentException($"{key} {why}.") : value);
            ExecutionProviders.Append(options, settings);
            if (settings.IsOptimized)
                options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
            if (settings.SaveOptimizedTo is { } path)
                options.OptimizedModelFilePath = path;
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
