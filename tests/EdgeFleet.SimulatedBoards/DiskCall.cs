namespace EdgeFleet.SimulatedBoards;

/// <summary>The kinds of calls by which files change.</summary>
internal enum DiskCallKind
{
    Open,
    Write,
    Sync,
    Rename,
    SyncFolder,
    Delete,
    Read,
}

/// <summary>One call to the disk.</summary>
/// <param name="Number">Number among the calls of the disk, from 0.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Path">The file, of a rename the new name.</param>
internal readonly record struct DiskCall(int Number, DiskCallKind Kind, string Path)
{
    public override string ToString() => $"call {Number}, {Kind} of {System.IO.Path.GetFileName(Path)}";
}

/// <summary>What becomes of a call.</summary>
internal enum DiskFault
{
    /// <summary>It is done.</summary>
    None,

    /// <summary>The process ends before it.</summary>
    EndBefore,

    /// <summary>The process ends with half of it done: of a write half the bytes.</summary>
    EndWithin,

    /// <summary>The process ends after it.</summary>
    EndAfter,

    /// <summary>It fails with EIO and does nothing.</summary>
    InputOutput,

    /// <summary>It fails with EIO after it was done: of a write half the bytes.</summary>
    InputOutputAfter,

    /// <summary>It fails with ENOSPC after half the bytes.</summary>
    NoSpace,

    /// <summary>It reports success and is not done when power goes: a lost rename, a drive that lies about its cache.</summary>
    Lost,
}

/// <summary>The process ends at a call; nothing in it runs on.</summary>
internal sealed class ProcessEndedException : Exception;
