using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>What every kind of stream socket does when one direction is shut down.</summary>
internal static class HalfClose
{
    /// <summary>Shuts the output down. The peer sees the end, and goes on until it ends, too.</summary>
    public static async Task CheckAsync(StreamSocket ours, Socket peer)
    {
        ByteReadChannel input = ours.OpenReadChannel();
        await ours.ShutdownOutputAsync().Soon();
        Assert.That(await peer.ReadToEndAsync(), Is.Zero);
        await peer.SendAsync("still\nhere"u8.ToArray());
        peer.Shutdown(SocketShutdown.Send);

        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("still"));
        Assert.That(await input.ReadLineAsync().Soon(), Is.EqualTo("here"));
        Assert.That(await input.ReadLineAsync().Soon(), Is.Null);
        Assert.That(ours.IsClosed, Is.False);
        Assert.Throws<InvalidOperationException>(() => ours.OpenWriteChannel());
    }
}
