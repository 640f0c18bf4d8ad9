using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Health.Check;

/// <summary>Looks whether a slot's source can be read by this user.</summary>
internal static class SourceProbe
{
    /// <summary>Looks.</summary>
    public static Finding Look(SlotOptions slot)
    {
        var about = $"slot {slot.Name}";
        try
        {
            return slot.Source.Of switch
            {
                ImageFolderOptions images => Images(about, images.Folder),
                CsvOptions csv => Csv(about, csv.File),
                CommandOptions command => Program(about, command.Program, slot.Name),
                // A camera serves one reader at a time, and that is the agent.
                _ => Finding.Good(about, $"its {slot.Source.Kind} source is set up; see what it gives: edgefleet-agent snapshot {slot.Name}"),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Finding(about, FindingKind.Fault, $"its source cannot be read: {e.Message}", "Let the agent's user in: sudo setfacl -R -m u:edgefleet:rX PATH, or choose another place.");
        }
    }

    private static Finding Images(string about, string folder)
    {
        var newest = Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f).ToUpperInvariant() is ".JPG" or ".JPEG" or ".PNG").MaxBy(File.GetLastWriteTimeUtc);
        if (newest is null)
            return new Finding(about, FindingKind.Warning, $"{folder} holds no .jpg, .jpeg or .png file", "Check that the camera writes there.");

        using var file = File.OpenRead(newest);
        return Finding.Good(about, $"{folder} can be read; its newest photo is {Path.GetFileName(newest)}");
    }

    private static Finding Program(string about, string program, SlotName slot) => ProgramPath.Find(program, Environment.GetEnvironmentVariable("PATH")) is { } found
        ? Finding.Good(about, $"its program {found} is there; see what it gives: edgefleet-agent snapshot {slot}")
        : new Finding(about, FindingKind.Fault, $"its program {program} is not there", "Install it: apt-file search " + program);

    private static Finding Csv(string about, string path)
    {
        using var reader = new StreamReader(path);
        return reader.ReadLine() is { Length: > 0 } header
            ? Finding.Good(about, $"{path} can be read; its columns are {header}")
            : new Finding(about, FindingKind.Warning, $"{path} is empty", "Check that the program that writes it runs.");
    }
}
