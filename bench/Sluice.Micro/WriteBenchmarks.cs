using System.Globalization;
using BenchmarkDotNet.Attributes;

namespace Sluice.Micro;

/// <summary>Writes values one by one to a stream that discards them.</summary>
[MemoryDiagnoser]
public class WriteBenchmarks
{
    private const int Writes = 10_000;

    private readonly string _line = new('x', 64);
    private ByteWriteChannel _channel = null!;
    private StreamWriter _writer = null!;
    private BinaryWriter _binary = null!;

    [GlobalSetup]
    public void Open()
    {
        _channel = Stream.Null.AsByteWriteChannel();
        _writer = new StreamWriter(Stream.Null);
        _binary = new BinaryWriter(new BufferedStream(Stream.Null, 16 * 1024));
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public async Task Line_Sluice()
    {
        for (int i = 0; i < Writes; i++)
        {
            await _channel.WriteLineAsync(_line);
        }
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public async Task Line_StreamWriter()
    {
        for (int i = 0; i < Writes; i++)
        {
            await _writer.WriteLineAsync(_line);
        }
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public async Task Interpolated_Sluice()
    {
        for (int i = 0; i < Writes; i++)
        {
            await _channel.WriteAsync($"{i} of {Writes}: {1.5}\r\n");
        }
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public async Task Interpolated_StreamWriter()
    {
        for (int i = 0; i < Writes; i++)
        {
            await _writer.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{i} of {Writes}: {1.5}\r\n"));
        }
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public async Task Int32_Sluice()
    {
        for (int i = 0; i < Writes; i++)
        {
            await _channel.WriteInt32Async(i, ByteOrder.LittleEndian);
        }
    }

    [Benchmark(OperationsPerInvoke = Writes)]
    public void Int32_BinaryWriter()
    {
        for (int i = 0; i < Writes; i++)
        {
            _binary.Write(i);
        }
    }
}
