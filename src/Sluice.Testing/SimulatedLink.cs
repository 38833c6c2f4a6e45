namespace Sluice.Testing;

/// <summary>Represents the connection between two hosts, in both directions. A property that is set here is set for both.</summary>
public sealed class SimulatedLink
{
    private readonly SimulatedPath _there;
    private readonly SimulatedPath _back;

    internal SimulatedLink(SimulatedPath there, SimulatedPath back)
    {
        _there = there;
        _back = back;
    }

    /// <inheritdoc cref="SimulatedPath.Latency"/>
    public LatencyModel? Latency
    {
        get => _there.Latency;
        set => Set(value, static (path, value) => path.Latency = value);
    }

    /// <inheritdoc cref="SimulatedPath.BytesPerSecond"/>
    public long? BytesPerSecond
    {
        get => _there.BytesPerSecond;
        set => Set(value, static (path, value) => path.BytesPerSecond = value);
    }

    /// <inheritdoc cref="SimulatedPath.Loss"/>
    public double Loss
    {
        get => _there.Loss;
        set => Set(value, static (path, value) => path.Loss = value);
    }

    /// <inheritdoc cref="SimulatedPath.Duplication"/>
    public double Duplication
    {
        get => _there.Duplication;
        set => Set(value, static (path, value) => path.Duplication = value);
    }

    /// <inheritdoc cref="SimulatedPath.Corruption"/>
    public double Corruption
    {
        get => _there.Corruption;
        set => Set(value, static (path, value) => path.Corruption = value);
    }

    private void Set<T>(T value, Action<SimulatedPath, T> set)
    {
        set(_there, value);
        set(_back, value);
    }
}
