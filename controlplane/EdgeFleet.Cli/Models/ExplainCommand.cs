using System.CommandLine;
using System.Text.Json;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Explaining;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model explain IMAGE</c>: the part of a photo that an answer rests on, as a picture.</summary>
internal sealed class ExplainCommand
{
    private const UnixFileMode ModeOfPictures = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly Argument<FileInfo> _image = new("IMAGE") { Description = "A JPEG or PNG." };
    private readonly Option<FileInfo?> _model = new("--model") { Description = "The ONNX file to ask; say how its input is prepared by --labels, --scale, --offset and so on.", HelpName = "FILE.onnx" };
    private readonly Option<DirectoryInfo?> _package = new("--package") { Description = "Or the folder of a package, which says it itself." };
    private readonly Option<string?> _variant = new("--variant") { Description = "The package's variant; by default its first for CPUs." };
    private readonly Option<string?> _label = new("--label") { Description = "Ask about this label, not about the model's answer." };
    private readonly Option<int> _cells = new("--cells") { Description = "Cells along the longer side, 2 to 64: more see finer and take longer.", DefaultValueFactory = _ => 14 };
    private readonly Option<FileInfo> _out = new("--out") { Description = "Picture to write, .png or .jpg.", Required = true, HelpName = "PICTURE" };
    private readonly SampleOptions _samples = new();

    public static Command Create() => new ExplainCommand().Build();

    private Command Build()
    {
        var command = new Command("explain", "Show which part of a photo an answer rests on: parts are covered one by one. What does not matter is dimmed, what matters most is outlined.")
        {
            _image, _model, _package, _variant, _label, _cells, _out,
        };
        _samples.AddTo(command, isDataRequired: false);
        command.SetAction((parsed, cancel) => Task.FromResult(LocalRun.Of(() => Run(parsed, cancel))));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var target = parsed.GetValue(_out)!;
        var isPng = target.Extension.ToLowerInvariant() switch
        {
            ".png" => true,
            ".jpg" or ".jpeg" => false,
            _ => throw new UsageException($"--out {target.Name} is no picture; give a name that ends in .png or .jpg."),
        };
        Explanation found;
        using (var progress = new StepLine())
            found = ModelExplainer.Explain(Request(parsed), progress, cancel);
        Directory.CreateDirectory(target.DirectoryName!);
        DurableFile.Replace(target.FullName, OcclusionPicture.Draw(found.Photo, found.Map, isPng), ModeOfPictures);
        Print(found, target.FullName, OutputOptions.Of(parsed));
        return ExitCode.Ok;
    }

    private ExplainRequest Request(ParseResult p)
    {
        var model = (p.GetValue(_model)?.FullName, p.GetValue(_package)?.FullName) switch
        {
            ({ } file, null) => file,
            (null, { } folder) => folder,
            _ => throw new UsageException("Give either --model FILE.onnx or --package FOLDER."),
        };
        if (p.GetValue(_cells) is < 2 or > 64)
            throw new UsageException($"--cells {p.GetValue(_cells)} cannot be used; give 2 to 64.");
        var samples = _samples.Of(p);
        return new ExplainRequest
        {
            Image = p.GetValue(_image)!.FullName,
            Model = model,
            Variant = p.GetValue(_variant),
            Label = p.GetValue(_label),
            Cells = p.GetValue(_cells),
            Float = model,
            Data = samples.Data,
            Task = samples.Task,
            Labels = samples.Labels,
            Input = samples.Input,
            Boxes = samples.Boxes,
            Score = samples.Score,
            Values = samples.Values,
            Activation = samples.Activation,
        };
    }

    private static void Print(Explanation found, string picture, OutputFormat format)
    {
        switch (format)
        {
            case OutputFormat.Name:
                Console.Out.WriteLine(picture);
                break;
            case OutputFormat.Table:
                Console.Out.WriteLine(found.Sentence);
                Console.Out.WriteLine($"Picture: {picture}");
                break;
            default:
                Console.Out.WriteLine(Json(found, picture));
                break;
        }
    }

    private static string Json(Explanation found, string picture)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("model", found.Model);
            json.WriteString("label", found.Label);
            json.WriteNumber("confidence", found.Map.Confidence);
            json.WriteNumber("confidenceLeast", found.Map.ConfidenceLeast);
            json.WriteString("strongest", found.Map.HasFocus ? found.Map.StrongestPlace : null);
            json.WriteNumber("columns", found.Map.Columns);
            json.WriteNumber("rows", found.Map.Rows);
            json.WriteStartArray("drops");
            foreach (var drop in found.Map.Drops) json.WriteNumberValue(MathF.Round(drop, 4));
            json.WriteEndArray();
            json.WriteString("picture", picture);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
