using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Samples;
using EdgeFleet.Samples.Spoiling;
using Microsoft.ML.OnnxRuntime;

// 0 done, 1 the work failed, 2 wrong use.
try
{
    return args switch
    {
        ["images", .. var rest] => SampleCommands.Images(new Arguments(rest)),
        ["vibration", .. var rest] => SampleCommands.Vibration(new Arguments(rest)),
        ["spots", .. var rest] => SampleCommands.Spots(new Arguments(rest)),
        ["hum", .. var rest] => SampleCommands.Hum(new Arguments(rest)),
        ["train", .. var rest] => SampleCommands.Train(new Arguments(rest)),
        ["spoil", .. var rest] => SampleCommands.Spoil(new Arguments(rest)),
        _ => throw new ArgumentsException(args is [] ? "No command given." : $"'{args[0]}' is not a command."),
    };
}
catch (ArgumentsException wrong)
{
    Console.Error.WriteLine($"{wrong.Message}\n\n{SampleCommands.Usage}");
    return 2;
}
catch (Exception failed) when (failed is OnnxFileException or OnnxRuntimeException or QuantizationException or SpoilException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(failed.Message);
    return 1;
}
