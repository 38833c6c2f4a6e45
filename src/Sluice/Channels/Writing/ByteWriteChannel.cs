using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>
/// Writes bytes: raw, as text, line by line, as numbers or frames, or through a <see cref="PipeWriter"/> or a <see cref="Stream"/> over the same
/// buffer.
/// </summary>
/// <remarks>
/// <para>One write, flush or completion runs at a time. A second one that starts during it throws <see cref="InvalidOperationException"/> at once
/// and disturbs nothing. Writing and reading run side by side. Several writers of one connection post to its <c>Outbox</c>.</para>
/// <para>A write completes when its bytes are in the channel's buffer, which holds at most <see cref="HighWaterMark"/> bytes. A write that does
/// not fit waits until the peer reads. With <see cref="AutoFlush"/>, the bytes leave without a call to <see cref="FlushAsync"/>: what a handler
/// writes on its event loop leaves at the end of the loop turn, other bytes leave at once. Without it, they leave with a flush, or when the
/// buffer is full.</para>
/// <para>A write of up to <see cref="HighWaterMark"/> bytes that is canceled or times out has written nothing. A larger one may have written its
/// beginning.</para>
/// </remarks>
public sealed partial class ByteWriteChannel
{
    /// <summary>The number of bytes that a channel holds at most before the kernel takes them: 65,536.</summary>
    public const int HighWaterMark = 64 * 1024;

    private readonly SendQueue _queue;

    internal ByteWriteChannel(IByteSink sink, MemoryPool<byte>? pool, bool autoFlush)
    {
        _queue = new SendQueue(sink, pool);
        AutoFlush = autoFlush;
    }

    // Set by the opener, before the first write.

    /// <summary>Gets a value indicating whether written bytes leave without a call to <see cref="FlushAsync"/>.</summary>
    public bool AutoFlush { get; internal set; }

    /// <summary>The socket, which must not be finalized while this channel is in use; null if there is none.</summary>
    internal object? KeptAlive { get; init; }

    /// <summary>Writes bytes.</summary>
    /// <param name="bytes">The bytes. They are copied, or sent, before the write completes.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (!(AutoFlush && IsLarge(bytes.Length)) && _queue.TryAppendUncontended(bytes.Span, AutoFlush))
        {
            return ValueTask.CompletedTask;
        }

        BeginWrite();
        bool pending = false;
        try
        {
            int sent = 0;
            if (AutoFlush)
            {
                sent = TrySendLarge(bytes.Span);
                bytes = bytes[sent..];
            }

            if (_queue.TryAppend(bytes.Span, AutoFlush))
            {
                return ValueTask.CompletedTask;
            }

            pending = true;
            return WriteSlowAsync(bytes, rented: null, begun: sent > 0, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                EndWrite();
            }
        }
    }

    /// <summary>Writes a few bytes, which the caller may change once this returns.</summary>
    private ValueTask WriteSmallAsync(ReadOnlySpan<byte> bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        if (_queue.TryAppendUncontended(bytes, AutoFlush))
        {
            return ValueTask.CompletedTask;
        }

        BeginWrite();
        bool pending = false;
        try
        {
            if (_queue.TryAppend(bytes, AutoFlush))
            {
                return ValueTask.CompletedTask;
            }

            byte[] rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
            bytes.CopyTo(rented);
            pending = true;
            return WriteSlowAsync(rented.AsMemory(0, bytes.Length), rented, begun: false, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                EndWrite();
            }
        }
    }

    /// <summary>Takes the writer role, whether or not anything can be written.</summary>
    private void Begin()
    {
        if (!_queue.TryBeginWrite())
        {
            throw new InvalidOperationException("Another write on this channel is in progress; only one at a time is possible. " +
                "Several writers post whole messages to Connection.Outbox, at any time.");
        }
    }

    /// <summary>Takes the writer role; throws, without the role, if another writer has it or nothing can be written any more.</summary>
    internal void BeginWrite()
    {
        Begin();
        try
        {
            ThrowIfUnusable();
        }
        catch
        {
            EndWrite();
            throw;
        }
    }

    /// <summary>Gives the writer role back.</summary>
    internal void EndWrite() => _queue.EndWrite();

    // Whether sending the bytes from where they are is worth a system call of its own.
    private bool IsLarge(int count) => count >= _queue.DirectSendThreshold;

    private int TrySendLarge(ReadOnlySpan<byte> bytes) => IsLarge(bytes.Length) ? TrySendAtOnce(bytes) : 0;

    private int TrySendAtOnce(ReadOnlySpan<byte> bytes)
    {
        LoopTurn.ConsumeBudget();
        return _queue.TrySendDirect(bytes);
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask WriteSlowAsync(ReadOnlyMemory<byte> bytes, byte[]? rented, bool begun, CancellationToken cancellationToken)
    {
        try
        {
            await AppendAsync(bytes, begun, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            EndWrite();
        }
    }

    /// <summary>Writes bytes piece by piece.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="begun">Whether bytes of the same write were written before these.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, bool begun, CancellationToken cancellationToken)
    {
        try
        {
            while (!bytes.IsEmpty)
            {
                ThrowIfUnusable();
                int count = Math.Min(bytes.Length, HighWaterMark);
                if (!_queue.TryAppend(bytes.Span[..count], AutoFlush))
                {
                    await WaitForRoomAsync(count, cancellationToken).ConfigureAwait(false);
                    count = TrySendLarge(bytes.Span);
                }

                begun |= count > 0;
                bytes = bytes[count..];
            }
        }
        catch when (begun)
        {
            _queue.CutMessagesOff();
            throw;
        }
    }
}
