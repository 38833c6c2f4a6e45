using System.IO.Pipelines;
using System.Text;
using BenchmarkDotNet.Attributes;

namespace Sluice.Micro;

/// <summary>Reads lines of text one by one.</summary>
[MemoryDiagnoser]
public class LineBenchmarks
{
    private const int Lines = 10_000;

    private ByteReadChannel _channel = null!;
    private StreamReader _reader = null!;
    private PipeLines _pipe = null!;

    [Params(10, 64, 1000)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Open()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(new string('x', Length) + "\r\n", 1000)));
        _channel = new EndlessStream(bytes).AsByteReadChannel();
        _reader = new StreamReader(new EndlessStream(bytes));
        _pipe = new PipeLines(PipeReader.Create(new EndlessStream(bytes)));
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public async Task Sluice()
    {
        for (int i = 0; i < Lines; i++)
        {
            await _channel.ReadLineAsync();
        }
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public async Task SluiceBytes()
    {
        for (int i = 0; i < Lines; i++)
        {
            await _channel.ReadLineBytesAsync();
        }
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Lines)]
    public async Task StreamReader()
    {
        for (int i = 0; i < Lines; i++)
        {
            await _reader.ReadLineAsync();
        }
    }

    [Benchmark(OperationsPerInvoke = Lines)]
    public async Task PipeReaderByHand()
    {
        for (int i = 0; i < Lines; i++)
        {
            await _pipe.ReadLineAsync();
        }
    }
}
