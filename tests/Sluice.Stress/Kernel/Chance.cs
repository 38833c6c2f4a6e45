namespace Sluice.Stress.Kernel;

/// <summary>Random numbers for calls of any thread: each thread has a sequence of its own, which follows from the seed.</summary>
internal sealed class Chance(int seed)
{
    private readonly ThreadLocal<Random> _random = new(() => new Random(HashCode.Combine(seed, Environment.CurrentManagedThreadId)));

    /// <summary>True in one of <paramref name="many"/> calls.</summary>
    public bool OneOf(int many) => _random.Value!.Next(many) == 0;

    /// <summary>Returns a number from 1 to <paramref name="most"/>, small ones more often.</summary>
    public int UpTo(int most)
    {
        Random random = _random.Value!;
        return 1 + random.Next(random.Next(most) + 1);
    }

    public int Below(int limit) => _random.Value!.Next(limit);
}
