namespace Sluice.Testing.Scheduling;

/// <summary>A <see cref="SeededRandom"/> as a <see cref="Random"/>.</summary>
internal sealed class RandomAdapter(SeededRandom random) : Random(0)
{
    public override int Next() => random.Next(int.MaxValue);

    public override int Next(int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxValue);
        return random.Next(maxValue);
    }

    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    public override long NextInt64() => NextInt64(0, long.MaxValue);

    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        ulong range = unchecked((ulong)(maxValue - minValue));
        return range == 0 ? minValue : unchecked(minValue + (long)Math.BigMul(random.Next(), range, out _));
    }

    public override double NextDouble() => random.NextDouble();

    public override float NextSingle() => (random.Next() >> 40) * (1.0f / (1 << 24));

    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        NextBytes(buffer.AsSpan());
    }

    public override void NextBytes(Span<byte> buffer)
    {
        foreach (ref byte one in buffer)
        {
            one = (byte)random.Next();
        }
    }

    protected override double Sample() => random.NextDouble();
}
