using System.Net.Sockets;

namespace Sluice.Tests.Channels.Reading;

/// <summary>Two connections between which is copied, with a plain socket at each far end.</summary>
internal sealed class Relay(StreamSocket source, StreamSocket destination, Socket from, Socket to, bool autoFlush) : IAsyncDisposable
{
    private long _sent;

    public StreamSocket Source => source;

    public StreamSocket Destination => destination;

    public ByteReadChannel Input { get; } = source.OpenReadChannel();

    public ByteWriteChannel Output { get; } = destination.OpenWriteChannel(autoFlush);

    /// <summary>The plain socket that sends what is copied.</summary>
    public Socket From => from;

    /// <summary>The plain socket that receives it.</summary>
    public NetworkStream To { get; } = new(to);

    /// <summary>Sends so much of <see cref="Pattern"/>.</summary>
    public async Task SendAsync(long length, bool end = false)
    {
        const int block = 100_000;
        for (long sent = 0; sent < length;)
        {
            byte[] bytes = Pattern.Bytes((int)Math.Min(block, length - sent), sent);
            for (int done = 0; done < bytes.Length;)
            {
                int count = await from.SendAsync(bytes.AsMemory(done));
                done += count;
                sent += count;
                Volatile.Write(ref _sent, sent);
            }
        }

        if (end)
        {
            from.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Waits until nothing was sent for 200 ms: the far end does not read.</summary>
    public async Task StalledAsync()
    {
        long before;
        do
        {
            before = Volatile.Read(ref _sent);
            await Task.Delay(200);
        }
        while (before == 0 || Volatile.Read(ref _sent) != before);
    }

    /// <summary>Resets the connection that is copied to.</summary>
    public void Reset()
    {
        to.LingerState = new LingerOption(true, 0);
        to.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        from.Dispose();
        to.Dispose();
        source.Abort();
        destination.Abort();
        await Task.WhenAll(source.Completion, destination.Completion).Soon();
    }
}
