using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using BenchmarkDotNet.Attributes;

namespace Sluice.Micro;

/// <summary>Reads numbers one by one.</summary>
[MemoryDiagnoser]
public class NumberBenchmarks
{
    private const int Numbers = 100_000;

    private ByteReadChannel _channel = null!;
    private BinaryReader _reader = null!;
    private PipeReader _pipe = null!;

    [GlobalSetup]
    public void Open()
    {
        byte[] bytes = new byte[64 * 1024];
        _channel = new EndlessStream(bytes).AsByteReadChannel();
        _channel.ByteOrder = ByteOrder.LittleEndian;
        _reader = new BinaryReader(new BufferedStream(new EndlessStream(bytes), 16 * 1024));
        _pipe = PipeReader.Create(new EndlessStream(bytes));
    }

    [Benchmark(OperationsPerInvoke = Numbers)]
    public async Task<int> Sluice()
    {
        int sum = 0;
        for (int i = 0; i < Numbers; i++)
        {
            sum += await _channel.ReadInt32Async();
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Numbers)]
    public int BinaryReader()
    {
        int sum = 0;
        for (int i = 0; i < Numbers; i++)
        {
            sum += _reader.ReadInt32();
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Numbers)]
    public async Task<int> PipeReaderByHand()
    {
        int sum = 0;
        for (int i = 0; i < Numbers; i++)
        {
            ReadResult result = await _pipe.ReadAtLeastAsync(sizeof(int));
            sum += Take(result.Buffer);
            _pipe.AdvanceTo(result.Buffer.GetPosition(sizeof(int)));
        }

        return sum;
    }

    private static int Take(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.FirstSpan.Length >= sizeof(int))
        {
            return BinaryPrimitives.ReadInt32LittleEndian(buffer.FirstSpan);
        }

        Span<byte> bytes = stackalloc byte[sizeof(int)];
        buffer.Slice(0, sizeof(int)).CopyTo(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }
}
