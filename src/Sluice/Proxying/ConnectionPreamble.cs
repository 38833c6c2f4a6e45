using System.Buffers;
using Sluice.Channels.Writing;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Proxying;

/// <summary>
/// What is said on a connection before its owner gets it. What comes after that stays in the channel that the owner opens for reading.
/// </summary>
internal sealed class ConnectionPreamble(StreamSocket socket) : ISinkClient
{
    private readonly StreamTransport _transport = socket.Transport;
    private ReadinessEvent? _sent;
    private int _sentMeanwhile;
    private Exception? _error;

    public ByteReadChannel Input { get; } = socket.BeginPreamble();

    /// <summary>Sends past the write channel, which nobody has opened yet.</summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadinessEvent readiness = _sent ??= new ReadinessEvent(_transport.Scheduler);
        while (!bytes.IsEmpty)
        {
            // The signal of the wait before is still there, and the next wait must not end with it.
            readiness.TryConsume();
            int sent = _transport.TrySend(new ReadOnlySequence<byte>(bytes), this, out bool pending);
            if (pending)
            {
                await readiness.WaitAsync(cancellationToken).ConfigureAwait(false);
                sent = _error is null ? _sentMeanwhile : throw _error;
            }

            bytes = bytes[sent..];
        }
    }

    void ISinkClient.OnSinkReady(int sent, Exception? error)
    {
        _sentMeanwhile = sent;
        _error = error;
        _sent!.Set();
    }
}
