using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Sluice.Channels.Adapters;
using Sluice.Sockets;

namespace Sluice;

/// <summary>
/// Represents a connection as a handler sees it: a channel for each direction. The channels are those of a socket, or in a test those of
/// <see cref="ByteChannel.CreateConnectedPair"/>.
/// </summary>
public sealed partial class Connection : IAsyncDisposable, IStreamOwner
{
    private readonly IConnectionOwner _owner;
    private IDuplexPipe? _pipe;

    // The outbox, or the options for it. The first use exchanges them for it.
    private object? _outbox;

    internal Connection(IConnectionOwner owner, ByteReadChannel input, ByteWriteChannel output)
    {
        _owner = owner;
        Input = input;
        Output = output;
    }

    /// <summary>Gets the socket.</summary>
    /// <exception cref="InvalidOperationException">The connection is in memory and has no socket.</exception>
    public StreamSocket Socket => _owner as StreamSocket ?? throw new InvalidOperationException("This connection is in memory and has no socket.");

    /// <summary>
    /// Gets the local end point: that of the socket, or the one that <see cref="ByteChannelOptions"/> names for a connection in memory.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before the first call.</exception>
    public EndPoint LocalEndPoint => _owner.LocalEndPoint;

    /// <summary>
    /// Gets the end point of the peer: that of the socket (<see cref="StreamSocket.RemoteEndPoint"/>), or the one that
    /// <see cref="ByteChannelOptions"/> names for a connection in memory. It is still known after the connection is closed.
    /// </summary>
    public EndPoint RemoteEndPoint => _owner.RemoteEndPoint;

    internal IConnectionOwner Owner => _owner;

    /// <summary>Gets the channel that reads from the peer.</summary>
    public ByteReadChannel Input { get; }

    /// <summary>Gets the channel that writes to the peer. Its <see cref="ByteWriteChannel.AutoFlush"/> is on.</summary>
    public ByteWriteChannel Output { get; }

    /// <summary>
    /// Gets both channels as pipes, over the same buffers; see <see cref="ByteReadChannel.AsPipeReader"/> and
    /// <see cref="ByteWriteChannel.AsPipeWriter"/>.
    /// </summary>
    /// <returns>The pipes: the same object at each call.</returns>
    public IDuplexPipe AsDuplexPipe() => _pipe ??= new DuplexPipe(Input.AsPipeReader(), Output.AsPipeWriter());

    /// <summary>
    /// Gets both channels as one stream, over the same buffers. Its synchronous calls block the thread, for at most <see cref="Stream.ReadTimeout"/>
    /// and <see cref="Stream.WriteTimeout"/>, which throw an <see cref="IOException"/> and leave the stream usable.
    /// </summary>
    /// <param name="ownsConnection">
    /// Whether the disposal of the stream closes the connection, as <see cref="CloseAsync"/> does: pending reads and writes end, written bytes are sent,
    /// and the connection is aborted if the peer does not receive them within the close timeout. <see cref="IDisposable.Dispose"/> returns when
    /// everything is sent, and the rest of the close continues in the background. Default: false, the disposal flushes, for at most the close timeout,
    /// and the connection stays open.
    /// </param>
    /// <returns>A new stream.</returns>
    public Stream AsStream(bool ownsConnection = false) => new ChannelStream(Input, Output, ownsConnection ? this : null);

    /// <summary>
    /// Relays bytes between two connections in both directions, until both have ended. A half-close is relayed: the end of one input completes the other
    /// output, and the other direction continues. A failure of either side closes the other with that cause.
    /// </summary>
    /// <param name="other">The other connection. During the call, no other code can read from either connection or write to it.</param>
    /// <param name="cancellationToken">Ends both copies, and leaves the connections open.</param>
    /// <exception cref="InvalidOperationException">A read or a write is in progress on one of them.</exception>
    /// <exception cref="IOException">A peer reset its connection, the network failed, or the socket timeout passed: the first of these failures.</exception>
    /// <exception cref="ObjectDisposedException">One of the sockets is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask JoinAsync(Connection other, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(other);
        Input.BeginCopy(other.Output);
        try
        {
            other.Input.BeginCopy(Output);
        }
        catch
        {
            Input.EndCopy(other.Output);
            throw;
        }

        var failure = new StrongBox<Exception?>();
        Task there = Input.CopyAndCompleteBegunAsync(other.Output, failure, cancellationToken).AsTask();
        Task back = other.Input.CopyAndCompleteBegunAsync(Output, failure, cancellationToken).AsTask();
        return JoinAsync(there, back, failure);
    }

    /// <summary>
    /// Closes the connection: sends what was written, sends the end of the stream, and waits until the peer has received it, within a bounded time; see
    /// <see cref="StreamSocket.CloseAsync"/>. Idempotent.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. The close continues in the background, within its timeout.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => _owner.CloseAsync(cancellationToken);

    async ValueTask IStreamOwner.CloseUntilSentAsync()
    {
        Task closing = CloseAsync().AsTask();
        if (!closing.IsCompleted && Output.IsClosing)
        {
            await Task.WhenAny(closing, Output.BeginClose()).ConfigureAwait(false);
        }
        else
        {
            await closing.ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection at once: unsent bytes are lost, and the peer sees a reset. Idempotent.</summary>
    public void Abort() => _owner.Abort();

    /// <summary>Closes the connection, as <see cref="CloseAsync"/> does. Memory that the input has handed out is invalid afterwards.</summary>
    public ValueTask DisposeAsync()
    {
        ValueTask closing = CloseAsync();
        Input.EndHold();
        return closing;
    }

    /// <summary>Returns the memory that the channels have handed out. Called once the close has begun and the handler no longer uses that memory.</summary>
    internal void EndHolds()
    {
        Input.EndHold();
        Output.EndLease();
    }

    private static async ValueTask JoinAsync(Task there, Task back, StrongBox<Exception?> failure)
    {
        Task both = Task.WhenAll(there, back);
        await both.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The first failure is the cause; that of the other direction is only its consequence.
        if (failure.Value is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        await both.ConfigureAwait(false);
    }
}
