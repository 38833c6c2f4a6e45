using Sluice.Engine.Datagrams;

namespace Sluice.Tests.Engine.Datagrams;

[Parallelizable]
public sealed class AddressCacheTests
{
    [Test]
    public void What_was_put_in_is_found_until_there_is_too_much()
    {
        var cache = new AddressCache<int>();
        Assert.That(cache.TryGet([], out _), Is.False);
        cache.Set([], -1);
        for (int i = 0; i < 100; i++)
        {
            cache.Set(Key(i), i);
            cache.Set(Key(i), i + 1);
            Assert.That(cache.TryGet(Key(i), out int value) && value == i + 1);
        }

        int found = Enumerable.Range(0, 100).Count(i => cache.TryGet(Key(i), out int value) && value == i + 1);
        Assert.That(found, Is.EqualTo(100));
        Assert.That(cache.TryGet([], out int none) && none == -1);
        cache.Clear();
        Assert.That(cache.TryGet(Key(1), out _), Is.False);
    }

    [Test]
    public void It_stays_bounded_and_keeps_what_came_last()
    {
        var cache = new AddressCache<int>();
        for (int i = 0; i < 100_000; i++)
        {
            cache.Set(Key(i), i);
            Assert.That(cache.TryGet(Key(i), out int value) && value == i);
        }

        Assert.That(Enumerable.Range(0, 100_000).Count(i => cache.TryGet(Key(i), out _)), Is.InRange(AddressCache<int>.MaxCount / 2, AddressCache<int>.MaxCount));
    }

    // As a sockaddr_in: many hosts, many ports.
    private static byte[] Key(int number) => [2, 0, (byte)number, (byte)(number >> 8), 10, 0, (byte)(number >> 16), 1, 0, 0, 0, 0, 0, 0, 0, 0];
}
