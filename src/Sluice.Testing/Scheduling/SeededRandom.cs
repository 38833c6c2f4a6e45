namespace Sluice.Testing.Scheduling;

/// <summary>A generator whose numbers depend on its seed alone, on each version of .NET (SplitMix64, Steele, Lea and Flood, 2014).</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Gets a number that differs for generators that have drawn a different number of times.</summary>
    public ulong State => _state;

    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Draws a number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>Draws a number from 0 to 1, without 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws a generator of its own: what it draws later does not move this one.</summary>
    public SeededRandom Fork() => new(Next());
}
