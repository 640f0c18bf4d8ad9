namespace EdgeFleet.ControlPlane.Devices;

/// <summary>
/// Which devices: <c>all</c>, or conditions joined by <c>and</c>, such as <c>site=luzon and tag=lab and hw=orin-nano</c>. Several values by comma mean
/// any of them: <c>device=leaf-1,leaf-2</c>. The same words select on pages, in the API and on the command line.
/// </summary>
internal sealed class DeviceSelector
{
    private static readonly Dictionary<string, Func<Device, string, bool>> Keys = new(StringComparer.Ordinal)
    {
        ["device"] = (device, value) => device.Id.Value == value,
        ["site"] = (device, value) => string.Equals(device.Site, value, StringComparison.OrdinalIgnoreCase),
        ["tag"] = (device, value) => device.Tags.Contains(value, StringComparer.OrdinalIgnoreCase),
        ["hw"] = (device, value) => string.Equals(device.Hardware, value, StringComparison.OrdinalIgnoreCase),
    };

    private readonly List<(string Key, IReadOnlyList<string> Values)> _conditions;

    private DeviceSelector(List<(string, IReadOnlyList<string>)> conditions) => _conditions = conditions;

    /// <summary>Reads a selector; null if it is none, and then <paramref name="fault"/> says why and shows how it is written.</summary>
    public static DeviceSelector? TryParse(string? text, out string fault)
    {
        fault = "";
        var conditions = new List<(string, IReadOnlyList<string>)>();
        var words = (text ?? "").Trim();
        if (words is "" or "all")
            return new DeviceSelector(conditions);

        foreach (var part in words.Split(" and ", StringSplitOptions.TrimEntries))
        {
            var (key, values) = part.Split('=', 2, StringSplitOptions.TrimEntries) is [var k, var v]
                ? (k, v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                : (part, []);
            if (!Keys.ContainsKey(key) || values.Length == 0)
            {
                fault = $"'{part}' does not select devices. Write 'all', or conditions joined by 'and': site=luzon and tag=lab and hw=orin-nano, device=leaf-1,leaf-2.";
                return null;
            }

            conditions.Add((key, values));
        }

        return new DeviceSelector(conditions);
    }

    /// <summary>True when every condition holds for the device.</summary>
    public bool Matches(Device device) => _conditions.TrueForAll(c => c.Values.Any(value => Keys[c.Key](device, value)));
}
