using System.Globalization;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Samples.Hum;
using EdgeFleet.Samples.Leaves;
using EdgeFleet.Samples.Spoiling;
using EdgeFleet.Samples.Spots;
using EdgeFleet.Samples.Training;
using EdgeFleet.Samples.Vibration;

namespace EdgeFleet.Samples;

/// <summary>The commands of <c>edgefleet-samples</c>; each returns the program's exit code.</summary>
internal static class SampleCommands
{
    /// <summary>What the program can do.</summary>
    public const string Usage = """
        edgefleet-samples makes simulated inputs and small sample models, for a machine without real data.

          edgefleet-samples images    --out DIR [--seed N]   drawn leaves: DIR/<split>/<n_class>/*.jpg, labels.txt
          edgefleet-samples vibration --out DIR [--seed N]   simulated bearings: DIR/<split>/<n_class>/*.csv, labels.txt, stream.csv
          edgefleet-samples spots     --out DIR [--seed N]   drawn squares with boxes: DIR/<split>/*.jpg and *.txt, labels.txt
          edgefleet-samples hum       --out DIR [--seed N]   a simulated humming machine: DIR/<split>/<normal|anomaly>/*.csv
          edgefleet-samples train     --out DIR              the sample models, float and int8, from their recipes
          edgefleet-samples spoil --collapse IN.onnx OUT.onnx                              the same sure answer for every input
          edgefleet-samples spoil --misscale IN.onnx OUT.onnx                              what goes into its last layer is too small
          edgefleet-samples spoil --slow [--times X] [--least-ms X] IN.onnx OUT.onnx       the same answers, much later
        """;

    /// <summary>Draws leaves.</summary>
    public static int Images(Arguments arguments)
    {
        var folder = arguments.Required("--out");
        var count = new LeafSet(arguments.Seed(LeafSet.DefaultSeed)).Write(folder);
        Console.WriteLine($"{count} drawn (simulated) leaves in {folder}");
        return 0;
    }

    /// <summary>Simulates bearings.</summary>
    public static int Vibration(Arguments arguments)
    {
        var folder = arguments.Required("--out");
        var count = new VibrationSet(arguments.Seed(VibrationSet.DefaultSeed)).Write(folder);
        Console.WriteLine($"{count} simulated recordings and stream.csv in {folder}");
        return 0;
    }

    /// <summary>Draws squares.</summary>
    public static int Spots(Arguments arguments)
    {
        var folder = arguments.Required("--out");
        Console.WriteLine($"{new SpotSet(arguments.Seed(SpotSet.DefaultSeed)).Write(folder)} drawn (simulated) pictures in {folder}");
        return 0;
    }

    /// <summary>Simulates a humming machine.</summary>
    public static int Hum(Arguments arguments)
    {
        var folder = arguments.Required("--out");
        Console.WriteLine($"{new HumSet(arguments.Seed(HumSet.DefaultSeed)).Write(folder)} simulated recordings in {folder}");
        return 0;
    }

    /// <summary>Trains the sample models.</summary>
    public static int Train(Arguments arguments)
    {
        var folder = arguments.Required("--out");
        foreach (var built in new[] { SpotRecipe.Train(), HumRecipe.Train() })
        {
            built.Write(folder);
            OnnxFile.Write(MisscaledModel.Of(built.Int8, built.Name), Path.Combine(folder, $"{built.Name}_broken.onnx"));
            Console.WriteLine($"{built.Name}: built by hand, written to {folder}");
        }

        foreach (var model in new[] { LeafRecipe.Train(), BearingRecipe.Train() })
        {
            model.Write(folder);
            var accuracy = model.TestAccuracy.ToString("F3", CultureInfo.InvariantCulture);
            Console.WriteLine($"{model.Name}: accuracy {accuracy} on its simulated test split (float), written to {folder}");
        }

        return 0;
    }

    /// <summary>Spoils a model.</summary>
    public static int Spoil(Arguments arguments)
    {
        if (arguments.Files is not [var source, var target] || new[] { "--collapse", "--slow", "--misscale" }.Count(arguments.Has) != 1)
            throw new ArgumentsException("spoil needs one of --collapse, --slow and --misscale, the model to spoil and the file to write.");

        var good = OnnxFile.Read(source);
        if (arguments.Has("--collapse"))
        {
            OnnxFile.Write(CollapsedModel.Of(good, source), target);
            Console.WriteLine($"{target}: always gives the same answer");
            return 0;
        }

        if (arguments.Has("--misscale"))
        {
            OnnxFile.Write(MisscaledModel.Of(good, source), target);
            Console.WriteLine($"{target}: what goes into its last layer is too small");
            return 0;
        }

        var goal = new LatencyTarget(arguments.Number("--times", 40), arguments.Number("--least-ms", 150));
        var (slow, goodMs, slowMs) = goal.Slow(good, source);
        OnnxFile.Write(slow, target);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target}: {slowMs:F1} ms where {source} takes {goodMs:F3} ms ({slowMs / goodMs:F0} times)"));
        return 0;
    }
}
