using Sluice.Channels.Writing;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Portable;

/// <summary>Bytes that carry descriptors. The framework neither sends them nor tells when there is room: that takes a look now and then.</summary>
internal sealed class PortableHandleMessage(PortableStream sink, ReadOnlyMemory<byte> bytes, SocketHandle[] handles) : IExternalPayload
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    private readonly Lock _lock = new();
    private SocketHandle[] _handles = handles;
    private ReadOnlyMemory<byte> _bytes = bytes;
    private int _length = bytes.Length;

    public long Length => Volatile.Read(ref _length);

    public int TrySend(ISinkClient client, out bool pending)
    {
        int sent;
        lock (_lock)
        {
            sent = sink.TrySendHandles(_bytes.Span, _handles);
        }

        pending = sent == 0;
        if (pending)
        {
            _ = TellLaterAsync(client);
            return 0;
        }

        // They went with the first byte, and the peer has its own by now.
        Dispose();
        _bytes = _bytes[sent..];
        Volatile.Write(ref _length, _bytes.Length);
        return sent;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Array.ForEach(_handles, handle => handle.Dispose());
            _handles = [];
        }
    }

    // Ends by itself: a socket that is closed meanwhile says so at the next try.
    private async Task TellLaterAsync(ISinkClient client)
    {
        await Task.Delay(s_pause, sink.Engine.TimeProvider).ConfigureAwait(false);
        client.OnSinkReady(0, null);
    }
}
