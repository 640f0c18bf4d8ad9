namespace EdgeFleet.Agent.Power;

/// <summary>Which board this is, by its device tree.</summary>
internal static class ModuleId
{
    // Jetson modules by the part number in their device tree.
    private static readonly (string Part, string Name)[] Jetsons =
    [
        ("p3834", "Jetson Thor"), ("p3767", "Jetson Orin NX or Nano"), ("p3701", "Jetson AGX Orin"), ("p3668", "Jetson Xavier NX"), ("p2888", "Jetson AGX Xavier"),
        ("p3448", "Jetson Nano"), ("p3310", "Jetson TX2"),
    ];

    /// <summary>Names in the order of the device tree, the most exact first; empty where there is no device tree.</summary>
    public static IReadOnlyList<string> Compatible(BoardRoot root) =>
        BoardRoot.Text(root["proc/device-tree/compatible"])?.Split('\0', StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>For example <c>Jetson Orin NX or Nano (p3767-0005)</c> or <c>raspberrypi,5-model-b</c>; null where there is no device tree.</summary>
    public static string? Of(BoardRoot root) => Name(Compatible(root));

    /// <summary>A board by its names.</summary>
    public static string? Name(IReadOnlyList<string> compatible)
    {
        foreach (var name in compatible)
        {
            // Carrier and module stand in one name, "nvidia,p3768-0000+p3767-0005": the module is what counts.
            foreach (var part in name.Split(',', '+'))
            {
                if (Jetsons.FirstOrDefault(j => part.StartsWith(j.Part, StringComparison.Ordinal)) is { Name: not null } jetson)
                    return $"{jetson.Name} ({part})";
            }
        }

        return compatible.Count == 0 ? null : compatible[0];
    }
}
