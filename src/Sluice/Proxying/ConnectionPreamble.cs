using System.Buffers;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Proxying;

/// <summary>
/// Sends and receives the bytes at the start of a connection, before its owner gets it. Bytes behind them stay in the read channel for the owner.
/// </summary>
internal sealed class ConnectionPreamble(IByteSink sink, ByteReadChannel input) : ISinkClient
{
    private ReadinessEvent? _sent;

    // Written by the sink before it sets the event; read after the wait.
    private int _sentCount;
    private Exception? _error;

    public ConnectionPreamble(StreamSocket socket)
        : this(socket.Transport, socket.BeginPreamble())
    {
    }

    public ByteReadChannel Input { get; } = input;

    /// <summary>Sends directly to the sink: the write channel is not open yet.</summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadinessEvent readiness = _sent ??= new ReadinessEvent(sink.Scheduler);
        while (!bytes.IsEmpty)
        {
            // Clears the signal of the previous wait, which would end the next one.
            readiness.TryConsume();
            int sent = sink.TrySend(new ReadOnlySequence<byte>(bytes), this, out bool pending);
            if (pending)
            {
                await readiness.WaitAsync(cancellationToken).ConfigureAwait(false);
                sent = _error is null ? _sentCount : throw _error;
            }

            bytes = bytes[sent..];
        }
    }

    void ISinkClient.OnSinkReady(int sent, Exception? error)
    {
        _sentCount = sent;
        _error = error;
        _sent!.Set();
    }
}
