using System.Net.Sockets;

namespace Sluice.Tests;

/// <summary>Faults that were found, where no subject's own tests say it.</summary>
public sealed class RegressionTests(SelectorEngine engine) : BothEngines(engine)
{
    // What the kernel still has to send when the descriptor is closed is lost if the peer sends then: the kernel answers with a reset
    // (RFC 2525, 2.17).
    [Test]
    public async Task A_peer_that_begins_to_send_after_the_close_still_gets_everything()
    {
        const int size = 1_000_000;
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(Selector, options => options.CloseTimeout = Patience);
        ByteWriteChannel output = ours.OpenWriteChannel();
        await output.WriteAsync(new byte[size]).Soon();
        await output.FlushAsync().Soon();
        Task closing = ours.CloseAsync().AsTask();
        await Task.Delay(50);

        await peer.SendAsync(new byte[10]);

        Assert.That(await peer.ReadToEndAsync(), Is.EqualTo(size));
        peer.Dispose();
        await closing.Soon();
    }
}
