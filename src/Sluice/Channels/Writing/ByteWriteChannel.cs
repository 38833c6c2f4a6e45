using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Sluice;

/// <summary>
/// Bytes to be written: as they are, as text, line by line, or through a <see cref="PipeWriter"/> or a <see cref="Stream"/> over the same
/// buffer.
/// </summary>
/// <remarks>
/// <para>One write, flush or completion at a time: a second one that starts meanwhile throws <see cref="InvalidOperationException"/> at
/// once and disturbs nothing.
/// Writing and reading run side by side.</para>
/// <para>A write completes when its bytes are in the channel's buffer, which holds at most <see cref="HighWaterMark"/> bytes: beyond that
/// it is suspended until
/// the peer reads. With <see cref="AutoFlush"/>, the bytes leave without a call to <see cref="FlushAsync"/>: at the end of the turn for
/// what a handler writes
/// on its event loop, at once elsewhere. Without it, they leave when somebody flushes or the buffer is full.</para>
/// <para>A write of up to <see cref="HighWaterMark"/> bytes that is cancelled or times out has written nothing. A larger one may have
/// written its beginning.</para>
/// </remarks>
public abstract partial class ByteWriteChannel
{
    /// <summary>How many bytes a channel holds that the kernel has not taken yet: 65,536.</summary>
    public const int HighWaterMark = 64 * 1024;

    private const int Idle = 0;
    private const int Busy = 1;

    private int _state;

    private protected ByteWriteChannel(bool autoFlush) => AutoFlush = autoFlush;

    /// <summary>Whether what is written leaves without a call to <see cref="FlushAsync"/>.</summary>
    public bool AutoFlush { get; internal set; }

    /// <summary>Writes bytes.</summary>
    /// <param name="bytes">The bytes. They are copied, or sent, before the write completes.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (!(AutoFlush && bytes.Length >= DirectSendThreshold) && TryAppendUncontended(bytes.Span, ref _state))
        {
            return ValueTask.CompletedTask;
        }

        Begin();
        bool pending = false;
        try
        {
            ThrowIfUnusable();
            if (AutoFlush)
            {
                bytes = bytes[TrySendLarge(bytes.Span)..];
            }

            if (TryAppend(bytes.Span, AutoFlush))
            {
                return ValueTask.CompletedTask;
            }

            pending = true;
            return WriteSlowAsync(bytes, rented: null, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                End();
            }
        }
    }

    /// <summary>Sends what is written. Completes when the kernel has taken every byte.</summary>
    /// <param name="cancellationToken">Ends the wait. The bytes stay on their way.</param>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public abstract ValueTask FlushAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Says that nothing more will be written: sends what is, and then tells the peer (FIN), whose reads come to their end. Reading goes
    /// on.
    /// A second call waits for the same.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait. The channel is completed all the same, and the peer is told once the bytes are
    /// sent.</param>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken = default);

    /// <summary>How many bytes wait to be sent.</summary>
    internal abstract long UnsentBytes { get; }

    /// <summary>As <see cref="FlushAsync"/>; false if <see cref="CancelFlush"/> ended it.</summary>
    internal abstract ValueTask<bool> TryFlushAsync(CancellationToken cancellationToken);

    /// <summary>Ends the <see cref="TryFlushAsync"/> in progress, or the next one.</summary>
    internal abstract void CancelFlush();

    /// <summary>Takes back a <see cref="CancelFlush"/> that found no flush waiting.</summary>
    internal abstract bool TakeFlushCanceled();

    /// <summary>
    /// Whether nothing that is written arrives any more, and it was not the writer who ended it: the other side is gone, or the connection is
    /// closed.
    /// </summary>
    internal abstract bool IsReaderGone { get; }

    /// <summary>As <see cref="CompleteAsync(CancellationToken)"/>, without waiting.</summary>
    internal abstract void CompleteNow();

    /// <summary>As <see cref="CompleteAsync(Exception)"/>.</summary>
    internal abstract void CompleteNow(Exception cause);

    /// <summary>Whoever was lent memory to write to is done with it. Not of a write that is in progress, which says so itself.</summary>
    internal void EndLease() => EndLease(ref _state);

    /// <inheritdoc cref="EndLease()"/>
    private protected abstract void EndLease(ref int writers);

    /// <summary>Drops what is not sent yet, and ends whoever waits.</summary>
    internal abstract void DiscardAndClose();

    /// <summary>Throws if nothing can be written any more.</summary>
    private protected abstract void ThrowIfUnusable();

    /// <summary>The other end in a message; null if it has no name.</summary>
    private protected abstract string? PeerName { get; }

    /// <summary>Sends, and waits until there is room for so many bytes, which are at most <see cref="HighWaterMark"/>.</summary>
    private protected abstract ValueTask WaitForRoomAsync(int count, CancellationToken cancellationToken);

    /// <summary>
    /// Memory to write at least so many bytes to, whether or not that fits below the mark. It stays valid until <see cref="Advance"/>.
    /// </summary>
    private protected abstract Memory<byte> Lease(int minimum);

    /// <summary>As <see cref="Lease"/>; false if so many bytes do not fit below the mark now.</summary>
    private protected abstract bool TryLease(int minimum, out Memory<byte> memory);

    /// <summary>Takes over what was written to leased memory; with <paramref name="flush"/>, sees to it that it leaves.</summary>
    private protected abstract void Advance(int count, bool flush);

    /// <summary>
    /// Copies bytes into the buffer; with <paramref name="flush"/>, sees to it that they leave. False if they do not fit below the mark now.
    /// </summary>
    private protected abstract bool TryAppend(ReadOnlySpan<byte> bytes, bool flush);

    /// <summary>
    /// As <see cref="TryAppend"/> as a whole write, without <see cref="Begin"/> and <see cref="End"/>: what keeps writer and sender apart
    /// does the same here. False, with nothing done, if there is anything out of the ordinary.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="writers">How many writers are in the way: 0 or 1.</param>
    private protected abstract bool TryAppendUncontended(ReadOnlySpan<byte> bytes, ref int writers);

    /// <summary>Sends what can be sent at once, without a copy, if nothing waits before it. Perhaps nothing.</summary>
    private protected abstract int TrySendDirect(ReadOnlySpan<byte> bytes);

    /// <summary>From how many bytes on <see cref="TrySendDirect"/> is worth it.</summary>
    private protected abstract int DirectSendThreshold { get; }

    /// <summary>Becomes the one writer.</summary>
    private protected void Begin()
    {
        if (!TryBegin())
        {
            throw new InvalidOperationException("Another write on this channel is in progress; only one at a time is possible.");
        }
    }

    /// <summary>Becomes the one writer, if there is none.</summary>
    private protected bool TryBegin() => Interlocked.CompareExchange(ref _state, Busy, Idle) == Idle;

    /// <summary>Lets the next writer in.</summary>
    private protected void End() => Volatile.Write(ref _state, Idle);

    private int TrySendLarge(ReadOnlySpan<byte> bytes) => bytes.Length < DirectSendThreshold ? 0 : TrySendDirect(bytes);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteSlowAsync(ReadOnlyMemory<byte> bytes, byte[]? rented, CancellationToken cancellationToken)
    {
        try
        {
            await AppendAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            End();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, HighWaterMark);
            if (TryAppend(bytes.Span[..count], AutoFlush))
            {
                bytes = bytes[count..];
            }
            else
            {
                await WaitForRoomAsync(count, cancellationToken).ConfigureAwait(false);
                bytes = bytes[TrySendLarge(bytes.Span)..];
            }
        }
    }
}
