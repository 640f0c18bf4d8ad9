using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models;

/// <summary>A model that cannot be loaded or does not fit its manifest; the text says why.</summary>
public sealed class ModelLoadException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// One model in ONNX Runtime, its input and output bound once to pinned buffers, so that a run allocates nothing. One caller at a time.
/// Spinning is off: a board that waits must not burn.
/// </summary>
public sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _inputValue;
    private readonly OrtValue _outputValue;
    private readonly float[] _input;
    private readonly float[] _output;

    private ModelSession(InferenceSession session, InputSpec input, OutputSpec output)
    {
        _session = session;
        _input = GC.AllocateArray<float>(input.Elements, pinned: true);
        _output = GC.AllocateArray<float>(output.Labels.Count, pinned: true);
        _inputValue = OrtValue.CreateTensorValueFromMemory(_input, InputShape(input));
        _outputValue = OrtValue.CreateTensorValueFromMemory(_output, OutputShape(session, output));
        _binding = session.CreateIoBinding();
        _binding.BindInput(input.Tensor, _inputValue);
        _binding.BindOutput(output.Tensor, _outputValue);
    }

    /// <summary>The input tensor of one sample; fill it before <see cref="Run"/>.</summary>
    public Span<float> Input => _input;

    /// <summary>The raw output of the last run, a value a label.</summary>
    public ReadOnlySpan<float> Output => _output;

    /// <summary>Loads an ONNX file and checks its names and shapes against the manifest.</summary>
    /// <param name="path">ONNX file.</param>
    /// <param name="input">Input of the manifest.</param>
    /// <param name="output">Output of the manifest.</param>
    /// <param name="threads">Threads of a run.</param>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the file, or it does not fit.</exception>
    public static ModelSession Load(string path, InputSpec input, OutputSpec output, int threads = 1)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        InferenceSession? session = null;
        try
        {
            session = new InferenceSession(path, options);
            CheckFit(session, path, input, output);
            return new ModelSession(session, input, output);
        }
        catch (OnnxRuntimeException e)
        {
            session?.Dispose();
            throw new ModelLoadException($"ONNX Runtime refuses {Path.GetFileName(path)}: {e.Message}", e);
        }
        catch (ModelLoadException)
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>Runs the model on <see cref="Input"/>; the answer stands in <see cref="Output"/>.</summary>
    /// <exception cref="OnnxRuntimeException">The run failed, or was ended through <paramref name="options"/>.</exception>
    public void Run(RunOptions options) => _session.RunWithBinding(options, _binding);

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _inputValue.Dispose();
        _outputValue.Dispose();
        _session.Dispose();
    }

    private static void CheckFit(InferenceSession session, string path, InputSpec input, OutputSpec output)
    {
        var file = Path.GetFileName(path);
        if (session.InputMetadata.Count != 1 || !session.InputMetadata.TryGetValue(input.Tensor, out var given))
            throw new ModelLoadException($"{file} has inputs {string.Join(", ", session.InputMetadata.Keys)}; the manifest names '{input.Tensor}' alone.");
        if (!session.OutputMetadata.TryGetValue(output.Tensor, out var answer))
            throw new ModelLoadException($"{file} has outputs {string.Join(", ", session.OutputMetadata.Keys)}; the manifest names '{output.Tensor}'.");
        if (given.ElementType != typeof(float) || answer.ElementType != typeof(float))
            throw new ModelLoadException($"{file} takes {given.ElementType.Name} and gives {answer.ElementType.Name}; float is expected for both.");

        var wanted = InputShape(input);
        if (given.Dimensions.Length != wanted.Length || given.Dimensions.Where((d, i) => d > 0 && d != wanted[i]).Any())
            throw new ModelLoadException($"{file} takes [{string.Join(", ", given.Dimensions)}]; the manifest gives [{string.Join(", ", wanted)}].");

        var labels = answer.Dimensions.Where(d => d > 0).Aggregate(1L, (a, d) => a * d);
        if (labels != output.Labels.Count)
            throw new ModelLoadException($"{file} gives [{string.Join(", ", answer.Dimensions)}]; the manifest has {output.Labels.Count} labels.");
    }

    private static long[] InputShape(InputSpec input) => input.Layout switch
    {
        "NCHW" => [1, input.Channels, input.Height, input.Width],
        "NHWC" => [1, input.Height, input.Width, input.Channels],
        "NCT" => [1, input.Channels, input.Length],
        _ => [1, input.Length, input.Channels],
    };

    private static long[] OutputShape(InferenceSession session, OutputSpec output) =>
        [.. session.OutputMetadata[output.Tensor].Dimensions.Select(d => d > 0 ? (long)d : 1)];
}
