using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;

namespace Sluice.Micro;

/// <summary>Copies a megabyte. A billion divided by the nanoseconds is MB/s.</summary>
[MemoryDiagnoser]
public class CopyBenchmarks
{
    private const int Megabyte = 1_000_000;

    private readonly byte[] _bytes = new byte[Megabyte];
    private ByteReadChannel _channel = null!;
    private PipeReader _pipe = null!;

    [GlobalSetup]
    public void Open()
    {
        _channel = new EndlessStream(_bytes, most: 64 * 1024).AsByteReadChannel();
        _pipe = PipeReader.Create(new EndlessStream(_bytes, most: 64 * 1024), new StreamPipeReaderOptions(bufferSize: 64 * 1024));
    }

    [Benchmark]
    public async Task<long> StreamToStream_Sluice() => await _channel.CopyToAsync(Stream.Null, Megabyte);

    [Benchmark]
    public async Task<long> StreamToStream_PipeReader()
    {
        long left = Megabyte;
        while (left > 0)
        {
            ReadResult result = await _pipe.ReadAsync();
            System.Buffers.ReadOnlySequence<byte> taken = result.Buffer.Slice(0, Math.Min(left, result.Buffer.Length));
            foreach (ReadOnlyMemory<byte> segment in taken)
            {
                await Stream.Null.WriteAsync(segment);
            }

            left -= taken.Length;
            _pipe.AdvanceTo(taken.End);
        }

        return Megabyte;
    }

    [Benchmark]
    public async Task<int> ThroughMemory_Sluice()
    {
        var channel = new ByteChannel();
        Task reading = channel.Reader.CopyToAsync(Stream.Null).AsTask();
        for (int i = 0; i < Megabyte; i += 10_000)
        {
            await channel.Writer.WriteAsync(_bytes.AsMemory(i, 10_000));
        }

        await channel.Writer.CompleteAsync();
        await reading;
        return Megabyte;
    }

    [Benchmark]
    public async Task<int> ThroughMemory_Pipe()
    {
        var pipe = new Pipe();
        Task reading = pipe.Reader.CopyToAsync(Stream.Null);
        for (int i = 0; i < Megabyte; i += 10_000)
        {
            await pipe.Writer.WriteAsync(_bytes.AsMemory(i, 10_000));
        }

        await pipe.Writer.CompleteAsync();
        await reading;
        return Megabyte;
    }
}
