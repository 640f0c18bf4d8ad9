using System.Diagnostics;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>This program as a process of its own.</summary>
internal static class OwnProgram
{
    /// <summary>The call with some arguments.</summary>
    public static ProcessStartInfo Call(params IEnumerable<string> arguments)
    {
        var info = new ProcessStartInfo();
        var assembly = typeof(OwnProgram).Assembly.Location;
        var program = Path.ChangeExtension(assembly, null);
        if (assembly.Length == 0)
        {
            info.FileName = Environment.ProcessPath!; // Published as a single file.
        }
        else if (File.Exists(program))
        {
            info.FileName = program;
        }
        else
        {
            info.FileName = "dotnet";
            info.ArgumentList.Add(assembly);
        }

        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        return info;
    }
}
