using EdgeFleet.Shared.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models;

/// <summary>A model that cannot be loaded or does not fit its manifest; the text says why.</summary>
public sealed class ModelLoadException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>A tensor of a model.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its shape for one sample, the batch first.</param>
public sealed record TensorInfo(string Name, IReadOnlyList<long> Shape)
{
    /// <summary>Values of one sample.</summary>
    public int Elements => checked((int)Shape.Aggregate(1L, (a, d) => a * d));
}

/// <summary>
/// One model in ONNX Runtime, its inputs and outputs bound once to pinned buffers, so that a run allocates nothing. One caller at a time.
/// Spinning is off: a board that waits must not burn.
/// </summary>
public sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly InputSpec _input;
    private readonly TensorBuffer[] _inputs;
    private readonly TensorBuffer[] _outputs;
    private readonly OrtIoBinding?[] _bindings; // By number of samples, less one.
    private readonly bool _isFixed;

    private ModelSession(InferenceSession session, InputSpec input, ModelFit fit)
    {
        (_session, _input, _isFixed, BatchMax) = (session, input, fit.IsFixed, fit.Batch);
        _inputs = [.. fit.Inputs.Select(i => new TensorBuffer(i.Tensor, i.Shape, fit.Batch))];
        _outputs = [.. fit.Outputs.Select(o => new TensorBuffer(o.Tensor, o.Shape, fit.Batch))];
        _bindings = [.. Enumerable.Range(1, fit.Batch).Select(samples => _isFixed && samples < fit.Batch ? null : Bind(samples))];
        Place(null);
    }

    /// <summary>Execution provider that was asked for and is there.</summary>
    public string Provider { get; private init; } = ExecutionProviders.Cpu;

    /// <summary>Samples of one run at most.</summary>
    public int BatchMax { get; }

    /// <summary>The sample's input as the file takes it.</summary>
    public TensorInfo InputInfo => _inputs[0].Info;

    /// <summary>The outputs that are read, in the order of the manifest.</summary>
    public IReadOnlyList<TensorInfo> OutputInfos => [.. _outputs.Select(o => o.Info)];

    /// <summary>The input tensor of the first sample; fill it before <see cref="Run(RunOptions)"/>.</summary>
    public Span<float> Input => _inputs[0].Of(0);

    /// <summary>The raw output of the last run for the first sample: of several outputs, the first that the manifest names.</summary>
    public ReadOnlySpan<float> Output => _outputs[0].Of(0);

    /// <summary>Loads an ONNX file and checks its names and shapes against the manifest.</summary>
    /// <param name="path">ONNX file.</param>
    /// <param name="input">Input of the manifest.</param>
    /// <param name="output">Output of the manifest.</param>
    /// <param name="threads">Threads of a run.</param>
    /// <param name="batch">Samples that a run shall take at most; a file that takes one at a time goes on doing so (<see cref="BatchMax"/>).</param>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the file, or it does not fit.</exception>
    public static ModelSession Load(string path, InputSpec input, OutputSpec output, int threads = 1, int batch = 1) =>
        Load(path, input, output, new SessionSettings { Threads = threads }, batch);

    /// <inheritdoc cref="Load(string, InputSpec, OutputSpec, int, int)"/>
    /// <param name="path">ONNX file.</param>
    /// <param name="input">Input of the manifest.</param>
    /// <param name="output">Output of the manifest.</param>
    /// <param name="settings">How it is run.</param>
    /// <param name="batch">Samples that a run shall take at most.</param>
    public static ModelSession Load(string path, InputSpec input, OutputSpec output, SessionSettings settings, int batch = 1) =>
        Load(Path.GetFileName(path), options => new InferenceSession(path, options), input, output, settings, batch);

    /// <summary>Loads a model from memory, for one that stands in no file yet.</summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="name">What it is called in sentences.</param>
    /// <param name="input">Input of the manifest.</param>
    /// <param name="output">Output of the manifest.</param>
    /// <param name="isOptimized">False runs the nodes as they are written, so that what another runtime makes of them can be foreseen.</param>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses it, or it does not fit.</exception>
    public static ModelSession Load(byte[] model, string name, InputSpec input, OutputSpec output, bool isOptimized = true) =>
        Load(name, options =>
        {
            options.GraphOptimizationLevel = isOptimized ? GraphOptimizationLevel.ORT_ENABLE_ALL : GraphOptimizationLevel.ORT_DISABLE_ALL;
            return new InferenceSession(model, options);
        }, input, output, new SessionSettings { Threads = 1 }, batch: 1);

    private static ModelSession Load(string name, Func<SessionOptions, InferenceSession> open, InputSpec input, OutputSpec output, SessionSettings settings, int batch)
    {
        InferenceSession? session = null;
        try
        {
            using var options = SessionOptionsBuilder.Build(settings);
            session = open(options);
            return new ModelSession(session, input, ModelFit.Of(session, name, input, output, batch)) { Provider = settings.Provider };
        }
        catch (Exception e) when (e is OnnxRuntimeException or EntryPointNotFoundException)
        {
            session?.Dispose();
            throw new ModelLoadException($"ONNX Runtime refuses {name}: {e.Message}", e);
        }
        catch (ModelLoadException)
        {
            session?.Dispose();
            throw;
        }
    }

    /// <summary>The input tensor of one sample of a run.</summary>
    public Span<float> InputOf(int sample) => _inputs[0].Of(sample);

    /// <summary>One raw output of the last run for one of its samples, by the order of the manifest.</summary>
    public ReadOnlySpan<float> OutputOf(int sample, int output = 0) => _outputs[output].Of(sample);

    /// <summary>Fills the inputs that are the same for every sample.</summary>
    /// <param name="values">Values by name; the manifest's default stands in for what is not named.</param>
    public void Place(IReadOnlyDictionary<string, float>? values)
    {
        foreach (var (given, buffer) in _input.Values.Zip(_inputs.Skip(1)))
        {
            for (var i = 0; i < given.Names.Count; i++)
            {
                var value = values is not null && values.TryGetValue(given.Names[i], out var here) ? here : given.Default[i];
                for (var sample = 0; sample < BatchMax; sample++)
                    buffer.Of(sample)[i] = value * given.Scale[i] + given.Offset[i];
            }
        }
    }

    /// <summary>Runs the model on <see cref="Input"/>; the answer stands in <see cref="Output"/>.</summary>
    /// <exception cref="OnnxRuntimeException">The run failed, or was ended through <paramref name="options"/>.</exception>
    public void Run(RunOptions options) => Run(options, 1);

    /// <summary>Runs the model on the first samples at once.</summary>
    /// <param name="options">Options of the run.</param>
    /// <param name="samples">1 to <see cref="BatchMax"/>.</param>
    /// <exception cref="OnnxRuntimeException">The run failed, or was ended through <paramref name="options"/>.</exception>
    public void Run(RunOptions options, int samples) => _session.RunWithBinding(options, _bindings[(_isFixed ? BatchMax : samples) - 1]!);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var binding in _bindings)
            binding?.Dispose();
        foreach (var buffer in _inputs.Concat(_outputs))
            buffer.Dispose();
        _session.Dispose();
    }

    private OrtIoBinding Bind(int samples)
    {
        var binding = _session.CreateIoBinding();
        foreach (var buffer in _inputs)
            binding.BindInput(buffer.Name, buffer.ValueOf(samples));
        foreach (var buffer in _outputs)
            binding.BindOutput(buffer.Name, buffer.ValueOf(samples));
        return binding;
    }
}
