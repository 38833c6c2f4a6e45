using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using Sluice.Channels.Adapters;
using Sluice.Channels.Reading;
using Sluice.Channels.Reading.Operations;
using Sluice.Scheduling;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    private static readonly LineReadOptions s_textLines = new() { Ending = LineEnding.Lenient };

    private ChannelPipeReader? _pipeReader;
    private bool _pipeReadOut;
    private bool _pipeReadCanceled;
    private bool _pipeTriedInVain;
    private bool _pipeExaminedAll;
    private bool _pipeEnded;
    private int _pipeCanceled;

    /// <summary>
    /// This channel as a <see cref="PipeReader"/>, over the same buffer. From a read until its <c>AdvanceTo</c>, no other read is possible;
    /// one that <see cref="PipeReader.CancelPendingRead"/> has ended may be followed by the next without it. Completing it ends reading for
    /// good.
    /// </summary>
    /// <returns>The same object each time.</returns>
    public PipeReader AsPipeReader() => _pipeReader ??= new ChannelPipeReader(this);

    /// <summary>
    /// This channel as a <see cref="Stream"/> that can be read, over the same buffer. Disposing it leaves the channel open. Its synchronous
    /// calls block the thread, for at most <see cref="Stream.ReadTimeout"/>.
    /// </summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ChannelStream(this, output: null, owned: null);

    /// <summary>
    /// This channel as a <see cref="TextReader"/>, over the same buffer. It consumes the bytes of the characters that are read through it
    /// and no more, so that bytes and text can be read in turn. Disposing it leaves the channel open.
    /// </summary>
    /// <param name="options">
    /// Encoding, which must not have shift states, whether a byte order mark is skipped, and for lines their ending and limit. Null: UTF-8, and a line ends with LF, CR LF or CR,
    /// as is usual for text readers, and has at most <see cref="LineReadOptions.DefaultMaxLength"/> bytes.
    /// </param>
    /// <returns>A new reader. Reading to the end has no limit.</returns>
    public TextReader AsTextReader(LineReadOptions? options = null) => new ChannelTextReader(this, options ?? s_textLines);

    internal ValueTask<int> ReadCharsAsync(
        LineReadOptions options, Decoder decoder, Memory<char> destination, bool single, bool peek, CancellationToken cancellationToken) =>
        RunAsync<CharsOperation, int>(new CharsOperation(options, decoder, destination, single, peek), cancellationToken);

    internal ValueTask<ReadResult> ReadPipeAsync(int minimum, CancellationToken cancellationToken)
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        }

        BeginPipe();
        return TryGetPipeResult(minimum, out ReadResult result)
            ? new ValueTask<ReadResult>(result)
            : ReadPipeSlowAsync(minimum, cancellationToken);
    }

    internal bool TryReadPipe(out ReadResult result)
    {
        BeginPipe();
        bool got = false;
        try
        {
            got = TryGetPipeResult(1, out result) || (TryFillForPipe() != IByteSource.WouldBlock && TryGetPipeResult(1, out result));
            if (!got)
            {
                _pipeTriedInVain = true;
                result = default;
            }

            return got;
        }
        finally
        {
            if (!got)
            {
                End();
            }
        }
    }

    internal void AdvancePipe(SequencePosition consumed, SequencePosition examined)
    {
        if (!_pipeReadOut)
        {
            // As with the framework's pipes, after a try that found nothing there is nothing to advance by, and to say so is allowed.
            if (_pipeTriedInVain && consumed.GetObject() is null)
            {
                _pipeTriedInVain = false;
                return;
            }

            throw new InvalidOperationException("There is no read to advance; read first.");
        }

        ReadOnlySequence<byte> buffered = Buffered;
        long consumedLength = LengthUntil(buffered, consumed);
        long examinedLength = LengthUntil(buffered, examined);
        if (examinedLength < consumedLength)
        {
            throw new InvalidOperationException("More was consumed than examined.");
        }

        _pipeExaminedAll = examinedLength == buffered.Length;
        Consume(consumedLength);
        _pipeReadOut = false;
        End();
    }

    internal void CancelPipeRead()
    {
        Interlocked.Exchange(ref _pipeCanceled, 1);
        Interrupt();
    }

    internal void CompletePipe(Exception? cause)
    {
        Cancel(cause);
        if (_pipeReadOut)
        {
            _pipeReadOut = false;
            End();
        }
    }

    // A cancelled read that its caller has not advanced ends with the next one.
    private void BeginPipe()
    {
        if (_pipeReadOut && Interlocked.Exchange(ref _pipeReadCanceled, false))
        {
            _pipeReadOut = false;
            End();
        }

        Begin();
        _pipeTriedInVain = false;
    }

    // A default position is that of a result without bytes.
    private static long LengthUntil(in ReadOnlySequence<byte> bytes, SequencePosition position) =>
        position.GetObject() is null ? 0 : bytes.Slice(0, position).Length;

    // If there is one, it is handed out, and its reader stays in.
    private bool TryGetPipeResult(int minimum, out ReadResult result)
    {
        bool canceled = Interlocked.Exchange(ref _pipeCanceled, 0) != 0;
        ReadOnlySequence<byte> buffered = Buffered;
        bool ready = _pipeEnded || (!_pipeExaminedAll && buffered.Length >= minimum && _skipLineFeed is null);
        result = new ReadResult(buffered, canceled, _pipeEnded);
        _pipeReadCanceled = canceled;
        return _pipeReadOut = canceled || ready;
    }

    private int TryFillForPipe()
    {
        int filled = TryFill();
        _pipeEnded = filled == 0;
        return filled;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadPipeSlowAsync(int minimum, CancellationToken cancellationToken)
    {
        bool got = false;
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                BeginLastReceive(cancellationToken);
            }

            ReadResult result;
            while (!TryGetPipeResult(minimum, out result))
            {
                if (TryFillForPipe() == IByteSource.WouldBlock)
                {
                    ThrowUnlessUsable(await WaitInterruptiblyAsync(cancellationToken).ConfigureAwait(false));
                }
            }

            got = true;
            return result;
        }
        finally
        {
            if (!got)
            {
                End();
            }
        }
    }

    // Waits first and looks second; whoever interrupts does it the other way round.
    private ValueTask<WaitOutcome> WaitInterruptiblyAsync(CancellationToken cancellationToken)
    {
        ValueTask<WaitOutcome> wait = WaitAsync(cancellationToken);
        if (Volatile.Read(ref _pipeCanceled) != 0)
        {
            Interrupt();
        }

        return wait;
    }
}
