using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Hosting.Connections;

/// <summary>
/// Reads ahead of the application, up to a limit, where that is the only way to notice that the peer is gone. Holds no buffer while it waits.
/// </summary>
internal sealed class InputPump
{
    private readonly PumpTurn _turn = new();
    private readonly Pipe _pipe;
    private readonly ByteReadChannel _channel;

    public InputPump(ByteReadChannel channel, MemoryPool<byte> pool, long? most)
    {
        _channel = channel;
        long pause = most is { } size ? Math.Max(size, 1) : 0;
        long resume = most is null ? 0 : Math.Max(pause / 2, 1);
        _pipe = new Pipe(new PipeOptions(
            pool, readerScheduler: _turn, writerScheduler: PipeScheduler.ThreadPool, pause, resume, useSynchronizationContext: false));
    }

    public PipeReader Reader => _pipe.Reader;

    public async Task RunAsync()
    {
        PipeReader source = _channel.AsPipeReader();
        Exception? failure = null;
        try
        {
            while (true)
            {
                ReadResult read = await new PumpStep<ReadResult>(_turn, source.ReadAsync());
                _turn.PassReaderOn();
                foreach (ReadOnlyMemory<byte> segment in read.Buffer)
                {
                    _pipe.Writer.Write(segment.Span);
                }

                source.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    break;
                }

                FlushResult flushed = await new PumpStep<FlushResult>(_turn, _pipe.Writer.FlushAsync());
                if (flushed.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        await _pipe.Writer.CompleteAsync(failure).ConfigureAwait(false);
        _turn.End();
    }
}
