namespace EdgeFleet.Agent.Power;

/// <summary>Reads heat, throttling, battery, clocks and mode of the board. Slow things are asked rarely; what is not there is null.</summary>
internal sealed class BoardReader(BoardRoot root, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMinutes(1);
    private readonly string? _module = ModuleId.Of(root);
    private ThermalZones? _zones;
    private BoardTool? _vcgencmd;
    private string? _nvMode;
    private long? _askedAt;

    /// <summary>Reads once, over what was known before.</summary>
    public PowerNow Read(PowerNow before)
    {
        Ask();
        var temperatures = _zones!.Read();
        var throttled = _vcgencmd?.Run("get_throttled") is { } text ? Throttling.OfPi(text) : null;
        var overCurrent = Ina3221.IsOverCurrent(root);
        var cpu = CpuClocks.Read(root);
        return before with
        {
            Module = _module,
            Temperatures = temperatures,
            Throttled = throttled is null && overCurrent is null ? null : [.. throttled?.Now ?? [], .. overCurrent == true ? [Throttling.OverCurrent] : Array.Empty<string>()],
            ThrottledBefore = throttled?.SinceStart ?? [],
            Battery = Battery.Read(root),
            Cpu = cpu,
            Gpu = Gpu.Read(root),
            Mode = _nvMode ?? cpu.Governor,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _zones?.Dispose();

    // Modes change by hand, and drivers come late or under other numbers.
    private void Ask()
    {
        if (_askedAt is { } at && time.GetElapsedTime(at) < AskEvery)
            return;

        _askedAt = time.GetTimestamp();
        _zones?.Dispose();
        _zones = ThermalZones.Find(root);
        _vcgencmd = BoardTool.Find(root, "vcgencmd");
        _nvMode = NvPowerMode.Read(root);
    }
}
