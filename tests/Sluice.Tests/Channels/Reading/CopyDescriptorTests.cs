using System.Net.Sockets;

namespace Sluice.Tests.Channels.Reading;

/// <summary>What copies leave behind. Counts the descriptors of the process.</summary>
public sealed class CopyDescriptorTests(SelectorEngine engine) : BothEngines(engine)
{
    // Enough for a large flow to leave our memory and to come back to it.
    private const int Length = 8 * 1024 * 1024;

    [Test]
    public async Task Copies_leave_no_descriptor_behind()
    {
        await CopyAsync();
        int before = Descriptors.Count();
        for (int i = 0; i < 5; i++)
        {
            await CopyAsync();
        }

        await Waiting.UntilAsync(() => Descriptors.Count() <= before);
    }

    private async Task CopyAsync()
    {
        (StreamSocket source, Socket from) = await Peers.PairAsync(Selector);
        (StreamSocket destination, Socket to) = await Peers.PairAsync(Selector);
        await using var relay = new Relay(source, destination, from, to, autoFlush: true);
        Task<long> copying = relay.Input.CopyToAsync(relay.Output).AsTask();
        Task sending = relay.SendAsync(Length, end: true);
        byte[] got = new byte[Length];
        await relay.To.ReadExactlyAsync(got).AsTask().Soon();
        Pattern.Check(got, 0);
        await sending.Soon();
        Assert.That(await copying.Soon(), Is.EqualTo(Length));
    }
}
