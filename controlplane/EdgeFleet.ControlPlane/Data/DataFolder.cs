namespace EdgeFleet.ControlPlane.Data;

/// <summary>The folder with everything the control plane keeps, and the one place that knows what lies where in it.</summary>
internal sealed class DataFolder
{
    /// <summary>Opens the folder, making it.</summary>
    /// <exception cref="IOException">It cannot be made; the text says what to do.</exception>
    public DataFolder(string root)
    {
        Root = Path.GetFullPath(root);
        try
        {
            Directory.CreateDirectory(Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The data folder {Root} cannot be made: {e.Message} Create it for the user of this process, or name another in ControlPlane:DataFolder.", e);
        }
    }

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>Database file when the provider is SQLite and no connection is configured.</summary>
    public string Database => PathOf("fleet.db");

    /// <summary>Telemetry, a file a day.</summary>
    public string Telemetry => PathOf("telemetry");

    /// <summary>Files of packages, by digest.</summary>
    public string Packages => PathOf("packages");

    /// <summary>Signed metadata of packages (TUF), below their files so that any static file server serves both.</summary>
    public string Metadata => Path.Combine(Packages, "metadata");

    /// <summary>Private key that signs snapshot and timestamp, 0600.</summary>
    public string MetadataKey => PathOf("metadata.key");

    /// <summary>Photos and samples of devices, by digest.</summary>
    public string Blobs => PathOf("blobs");

    /// <summary>Certificate authority of the devices.</summary>
    public string Ca => PathOf("ca");

    /// <summary>Private key that signs desired documents, 0600.</summary>
    public string SigningKey => PathOf("signing.key");

    /// <summary>Path of a file or folder of this name.</summary>
    public string PathOf(string name) => Path.Combine(Root, name);
}
