using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Sockets;

/// <summary>A close on a clock that stands still: its limit is by that clock, and what the kernel does is not.</summary>
public sealed class CloseClockTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Size = 64 * 1024;

    protected override SelectorOptions Options => new() { TimeProvider = new FakeTimeProvider() };

    [Test]
    public async Task It_ends_when_the_peer_has_taken_everything()
    {
        (StreamSocket client, StreamSocket server) = await ConnectSocketsAsync(
            options => options.SendBufferSize = 4 * Size, options => options.ReceiveBufferSize = 4 * 1024);
        ByteWriteChannel output = client.OpenWriteChannel();
        await output.WriteAsync(new byte[Size]).Soon();
        await output.FlushAsync().Soon();

        // The kernel has it all, and the peer has no room for it.
        Task closing = client.CloseAsync().AsTask();
        Assert.That(closing.IsCompleted, Is.False);

        Assert.That(await server.OpenReadChannel().SkipAsync(long.MaxValue).Soon(), Is.EqualTo(Size));
        await closing.Soon();
        await server.CloseAsync().Soon();
    }
}
