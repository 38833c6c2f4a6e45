using CsCheck;

namespace Sluice.Tests.Channels.InMemory;

/// <summary>Random programs of writes, reads, flushes, cancellations and ends over a pipe in memory, against a plain list of bytes.</summary>
[TestFixture]
[Parallelizable]
public sealed class ChannelModelTests
{
    private static readonly Gen<ByteChannelOptions> s_options = Gen.Select(
        Gen.OneOfConst(1, 3, 100, 5000),
        Gen.OneOfConst(1, 2, 7, int.MaxValue),
        Gen.Bool,
        (capacity, fragment, autoFlush) => new ByteChannelOptions { Capacity = capacity, MaxFragment = fragment, AutoFlush = autoFlush });

    private static readonly Gen<(ByteChannelOptions Options, (int Operation, int Size)[] Program)> s_case =
        s_options.SelectMany(options => Program(options.Capacity).Select(program => (options, program)));

    [Test]
    public void A_program_of_writes_and_reads_sees_the_bytes_of_the_model() =>
        Gen.Select(s_case, Gen.Int[0, 2]).SampleAsync(
            async (one, end) => await new Run(one.Options).ExecuteAsync(one.Program, end), iter: 2000, threads: 1).GetAwaiter().GetResult();

    // A pipe that holds a few bytes passes each of them from thread to thread: there, writes are short, and those around the high-water mark rare.
    private static Gen<(int Operation, int Size)[]> Program(int capacity)
    {
        (int often, int most) = capacity < 100 ? (1000, 60) : (8, 3000);
        Gen<int> size = Gen.Frequency((often, Gen.Int[0, 20]), (often, Gen.Int[0, most]), (1, Gen.Int[60_000, 70_000]));
        return Gen.Select(Gen.Int[0, 7], size).Array[1, 40];
    }

    private sealed class Run(ByteChannelOptions options)
    {
        private readonly ByteChannel _channel = new(options);
        private long _written;
        private long _read;

        public async Task ExecuteAsync((int Operation, int Size)[] program, int end)
        {
            foreach ((int operation, int size) in program)
            {
                await StepAsync(operation, size);
                Assert.That(_channel.Writer.TotalBytesWritten, Is.EqualTo(_written));
                Assert.That(_channel.Reader.TotalBytesRead, Is.EqualTo(_read));
            }

            var cause = new FormatException("the end of the program");
            switch (end)
            {
                case 0:
                    await WhileReadingAsync(_channel.Writer.CompleteAsync());
                    await CheckAsync((int)(_written - _read));
                    Assert.That(await _channel.Reader.IsExhaustedAsync().Soon(), Is.True);
                    break;
                case 1:
                    await _channel.Writer.CompleteAsync(cause);
                    Assert.That(await _channel.Reader.ReadToEndAsync(int.MaxValue).OutcomeAsync(), Is.SameAs(cause));
                    break;
                default:
                    _channel.Reader.Cancel(cause);
                    await Waiting.FailureAsync(() => _channel.Writer.WriteByteAsync(1));
                    var failure = (IOException)(await Waiting.FailureAsync(() => _channel.Writer.FlushAsync()))!;
                    Assert.That(failure.InnerException, Is.SameAs(cause));
                    break;
            }
        }

        private async Task StepAsync(int operation, int size)
        {
            switch (operation)
            {
                case 0 or 1:
                    ValueTask write = _channel.Writer.WriteAsync(Pattern.Bytes(size, _written));
                    await WhileReadingAsync(write);
                    _written += size;
                    break;
                case 2:
                    await WriteCancelledAsync(Math.Min(size, ByteWriteChannel.HighWaterMark));
                    break;
                case 3:
                    await WhileReadingAsync(_channel.Writer.FlushAsync());
                    break;
                case 4:
                    byte[] some = new byte[size + 1];
                    if (_channel.Reader.TryRead(some, out int count))
                    {
                        Pattern.Check(some.AsSpan(0, count), _read);
                        _read += count;
                    }

                    break;
                case 5:
                    await ReadCancelledAsync(size);
                    break;
                case 6:
                    long skipped = Math.Min(size, await ReachableAsync());
                    await _channel.Reader.SkipExactlyAsync(skipped).Soon();
                    _read += skipped;
                    break;
                default:
                    await CheckAsync((int)Math.Min(size, await ReachableAsync()));
                    break;
            }
        }

        // A write of up to the mark is written whole or not at all.
        private async Task WriteCancelledAsync(int size)
        {
            using var cancellation = new CancellationTokenSource();
            Task write = _channel.Writer.WriteAsync(Pattern.Bytes(size, _written), cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            if (await write.OutcomeAsync() is null)
            {
                _written += size;
            }
        }

        private async Task ReadCancelledAsync(int size)
        {
            using var cancellation = new CancellationTokenSource();
            Task<byte[]> read = _channel.Reader.ReadExactlyAsync(size, cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            if (await read.OutcomeAsync() is null)
            {
                Pattern.Check(await read, _read);
                _read += size;
            }
        }

        // All that was written, after a flush whose end is not awaited.
        private async Task<long> ReachableAsync()
        {
            if (!options.AutoFlush)
            {
                using var cancellation = new CancellationTokenSource();
                Task flush = _channel.Writer.FlushAsync(cancellation.Token).AsTask();
                await cancellation.CancelAsync();
                await flush.OutcomeAsync();
            }

            return _written - _read;
        }

        private async Task CheckAsync(int count)
        {
            Pattern.Check(await _channel.Reader.ReadExactlyAsync(count).Soon(), _read);
            _read += count;
        }

        // Reads, and so makes room, until the write has ended.
        private async Task WhileReadingAsync(ValueTask writing)
        {
            Task task = writing.AsTask();
            byte[] some = new byte[1000];
            while (!task.IsCompleted)
            {
                if (_channel.Reader.TryRead(some, out int count))
                {
                    Pattern.Check(some.AsSpan(0, count), _read);
                    _read += count;
                }
                else
                {
                    await Task.Yield();
                }
            }

            await task;
        }
    }
}
