using System.Buffers;
using Sluice.Channels.Writing;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Proxying;

/// <summary>
/// Sends and receives the bytes at the start of a connection, before its owner gets it. Bytes behind them stay in the read channel for the owner.
/// </summary>
internal sealed class ConnectionPreamble(StreamSocket socket) : ISinkClient
{
    private readonly StreamTransport _transport = socket.Transport;
    private ReadinessEvent? _sent;

    // Written by the sink before it sets the event; read after the wait.
    private int _sentCount;
    private Exception? _error;

    public ByteReadChannel Input { get; } = socket.BeginPreamble();

    /// <summary>Sends directly to the transport: the write channel is not open yet.</summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadinessEvent readiness = _sent ??= new ReadinessEvent(_transport.Scheduler);
        while (!bytes.IsEmpty)
        {
            // Clears the signal of the previous wait, which would end the next one.
            readiness.TryConsume();
            int sent = _transport.TrySend(new ReadOnlySequence<byte>(bytes), this, out bool pending);
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
