using System.IO.Pipelines;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Sluice.Channels.Adapters;
using Sluice.Channels.Writing;
using Sluice.Sockets;

namespace Sluice;

/// <summary>
/// Two channels, there and back: what a handler works with. Those of a socket, or in a test those of
/// <see cref="ByteChannel.CreateConnectedPair"/>.
/// </summary>
public sealed partial class Connection : IAsyncDisposable, IStreamOwner
{
    private readonly IConnectionOwner _owner;
    private IDuplexPipe? _pipe;

    internal Connection(IConnectionOwner owner, ByteReadChannel input, ByteWriteChannel output)
    {
        _owner = owner;
        Input = input;
        Output = output;
    }

    /// <summary>The socket.</summary>
    /// <exception cref="InvalidOperationException">The connection has none: it is in memory.</exception>
    public StreamSocket Socket => _owner as StreamSocket ?? throw new InvalidOperationException("This connection is in memory and has no socket.");

    /// <summary>
    /// The end point on this side: the socket's, or of a connection in memory what <see cref="ByteChannelOptions"/> says.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before anybody asked.</exception>
    public EndPoint LocalEndPoint => _owner.LocalEndPoint;

    /// <summary>
    /// The end point of the peer: the socket's (<see cref="StreamSocket.RemoteEndPoint"/>), or of a connection in memory what
    /// <see cref="ByteChannelOptions"/> says. Known even after the connection is closed.
    /// </summary>
    public EndPoint RemoteEndPoint => _owner.RemoteEndPoint;

    internal IConnectionOwner Owner => _owner;

    /// <summary>What the peer sends.</summary>
    public ByteReadChannel Input { get; }

    /// <summary>What the peer is sent. Its <see cref="ByteWriteChannel.AutoFlush"/> is on.</summary>
    public ByteWriteChannel Output { get; }

    /// <summary>
    /// Both channels as pipes, over the same buffers; see <see cref="ByteReadChannel.AsPipeReader"/> and
    /// <see cref="ByteWriteChannel.AsPipeWriter"/>.
    /// </summary>
    /// <returns>The same object each time.</returns>
    public IDuplexPipe AsDuplexPipe() => _pipe ??= new DuplexPipe(Input.AsPipeReader(), Output.AsPipeWriter());

    /// <summary>
    /// Both channels as one stream, over the same buffers. Its synchronous calls block the thread, for at most <see cref="Stream.ReadTimeout"/>
    /// and <see cref="Stream.WriteTimeout"/>, which throw an <see cref="IOException"/> and leave the stream usable.
    /// </summary>
    /// <param name="ownsConnection">
    /// Whether disposing of the stream closes the connection, as <see cref="CloseAsync"/> does: reads and writes that are pending end, what was
    /// written is sent, and a peer that does not take it within the close timeout is cut off. <see cref="IDisposable.Dispose"/> returns when all
    /// is sent, and the rest of the close goes on by itself. Default: false, disposing flushes, for at most the close timeout, and leaves the
    /// connection open.
    /// </param>
    /// <returns>A new stream.</returns>
    public Stream AsStream(bool ownsConnection = false) => new ChannelStream(Input, Output, ownsConnection ? this : null);

    /// <summary>
    /// Plugs two connections together: what comes from either is sent to the other, until both directions have ended. A half-close is carried
    /// across: the end of what the one sends completes the other's output, and the other direction goes on. A failure of either side closes
    /// the other with that cause.
    /// </summary>
    /// <param name="other">The other connection. Nobody else can read from either, or write to it, meanwhile.</param>
    /// <param name="cancellationToken">Ends both copies, and leaves what is open open.</param>
    /// <exception cref="InvalidOperationException">A read or a write is in progress on one of them.</exception>
    /// <exception cref="IOException">One of the peers reset, the network failed, or the socket timeout passed: what failed first.</exception>
    /// <exception cref="ObjectDisposedException">One of the sockets is closed, or was closed meanwhile.</exception>
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
    /// Closes: sends what was written, tells the peer, and waits until it has it, within a bounded time; see
    /// <see cref="StreamSocket.CloseAsync"/>. Idempotent.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. Closing goes on by itself, within its time.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => _owner.CloseAsync(cancellationToken);

    async ValueTask IStreamOwner.CloseUntilSentAsync()
    {
        Task closing = CloseAsync().AsTask();
        if (!closing.IsCompleted && Output is SinkWriteChannel { IsClosing: true } output)
        {
            await Task.WhenAny(closing, output.BeginClose()).ConfigureAwait(false);
        }
        else
        {
            await closing.ConfigureAwait(false);
        }
    }

    /// <summary>Closes at once: what was not sent is lost, and the peer sees a reset. Idempotent.</summary>
    public void Abort() => _owner.Abort();

    /// <summary>As <see cref="CloseAsync"/>. What the input has handed out of its buffer is valid no longer.</summary>
    public ValueTask DisposeAsync()
    {
        ValueTask closing = CloseAsync();
        Input.EndHold();
        return closing;
    }

    /// <summary>Closing has begun, and whoever read and wrote is done with the memory that it was handed.</summary>
    internal void EndHolds()
    {
        Input.EndHold();
        Output.EndLease();
    }

    private static async ValueTask JoinAsync(Task there, Task back, StrongBox<Exception?> failure)
    {
        Task both = Task.WhenAll(there, back);
        await both.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // What failed first: what the other direction makes of it is only its consequence.
        if (failure.Value is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }

        await both.ConfigureAwait(false);
    }
}
