namespace EdgeFleet.ControlPlane.Backup;

/// <summary>A backup was not made or not restored; the text says why, what stands now, and what to do.</summary>
internal sealed class BackupException(string message, Exception? inner = null) : Exception(message, inner);
