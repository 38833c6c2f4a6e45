using System.Net.Sockets;

namespace Sluice.Tests.Channels.Reading;

/// <summary>What a copy takes from a pool.</summary>
public sealed class CopyMemoryTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_copy_of_messages_takes_no_memory_for_them_but_that_of_the_receive()
    {
        const int messages = 100;
        using var pool = new TrackingPool();
        await using var selector = new SelectorManager(new SelectorOptions { Engine = Engine, BufferPool = pool });
        (StreamSocket source, Socket from) = await Peers.PairAsync(selector);
        (StreamSocket destination, Socket to) = await Peers.PairAsync(selector);
        await using var relay = new Relay(source, destination, from, to, autoFlush: true);
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        byte[] received = new byte[100];
        for (int i = 0; i < messages; i++)
        {
            await relay.From.SendAsync(Pattern.Bytes(100, i * 100)).Soon();
            await relay.To.ReadExactlyAsync(received).AsTask().Soon();
            Pattern.Check(received, i * 100);
        }

        // A copy in the output's buffer would be a second one for each.
        Assert.That(pool.Rents, Is.LessThan(messages * 3 / 2));
        Assert.That(copying.IsCompleted, Is.False);
    }
}
