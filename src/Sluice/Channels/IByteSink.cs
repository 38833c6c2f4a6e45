using System.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels;

/// <summary>Where a <see cref="ByteWriteChannel"/> puts its bytes.</summary>
internal interface IByteSink
{
    /// <summary>Makes the gate that the writer waits at for progress.</summary>
    Gate CreateProgressGate();

    /// <summary>
    /// Takes what can be taken now, and returns how much that was. When <paramref name="pending"/> comes out true it took nothing yet, and
    /// <paramref name="bytes"/> have to stay as they are until <see cref="ISinkClient.OnSinkReady"/> is called, which may be before this
    /// returns.
    /// </summary>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending);

    /// <summary>What to throw when a wait at the progress gate timed out.</summary>
    Exception SendTimeout();

    /// <summary>Tells the peer that nothing more will come.</summary>
    void ShutdownOutput();
}
