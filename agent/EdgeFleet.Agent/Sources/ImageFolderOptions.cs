using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Sources;

/// <summary>A folder of JPEG and PNG files. It need not be there at the start: a card may be mounted later.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Loop">Begin again after the last file.</param>
internal sealed record ImageFolderOptions(string Folder, bool Loop = true)
{
    /// <summary>Reads the options.</summary>
    public static ImageFolderOptions Read(ConfigSection section) => new(section.AbsolutePath("Folder", "\"/data/leaves\""), section.Flag("Loop", true));
}
