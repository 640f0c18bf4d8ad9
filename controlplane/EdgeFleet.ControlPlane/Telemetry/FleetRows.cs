using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Gathers the rows of many devices that come in the order of the devices.</summary>
internal sealed class FleetRows<T>
{
    private readonly Dictionary<DeviceId, IReadOnlyList<T>> _byDevice = [];
    private string _device = "";
    private List<T> _rows = [];

    /// <summary>What was gathered.</summary>
    public IReadOnlyDictionary<DeviceId, IReadOnlyList<T>> ByDevice => _byDevice;

    /// <summary>Takes a row in.</summary>
    public void Add(string device, T row)
    {
        if (device != _device)
        {
            _device = device;
            var id = DeviceId.Parse(device);
            // A device comes once a day file.
            if (_byDevice.TryGetValue(id, out var known))
                _rows = (List<T>)known;
            else
                _byDevice[id] = _rows = [];
        }

        _rows.Add(row);
    }
}
