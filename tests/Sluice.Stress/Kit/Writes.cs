using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Stress.Kit;

/// <summary>Ways to write a stream of <see cref="Pattern"/>. Each writes a little, from <see cref="ByteWriteChannel.TotalBytesWritten"/> on.</summary>
internal static class Writes
{
    private static readonly Lazy<SafeFileHandle> s_file = new(CreateFile);

    public delegate Task Write(ByteWriteChannel output, Random random, CancellationToken cancellationToken);

    public static Write[] All { get; } = [WriteAsync, WriteAndFlushAsync, WritePipeAsync, WriteStreamAsync, SendFileAsync, CopyFromAsync];

    /// <summary>Opens the file that is sent, so that a later look at descriptors does not count it.</summary>
    public static void Prepare() => _ = s_file.Value;

    public static Write Any(Random random) => All[random.Next(All.Length)];

    /// <summary>Writes until so much is written or an exception.</summary>
    public static async Task ManyAsync(ByteWriteChannel output, Random random, long count, CancellationToken cancellationToken = default)
    {
        Write write = Any(random);
        while (output.TotalBytesWritten < count)
        {
            await write(output, random, cancellationToken);
        }
    }

    /// <summary>Sends what a stream has from a place on, at most <see cref="Pattern.Longest"/> bytes, from a file.</summary>
    public static ValueTask SendFileAsync(ByteWriteChannel output, long position, int count, CancellationToken cancellationToken = default) =>
        output.SendFileAsync(s_file.Value, Pattern.PlaceOf(position), count, cancellationToken);

    private static async Task WriteAsync(ByteWriteChannel output, Random random, CancellationToken cancellationToken) =>
        await output.WriteAsync(Next(output, random), cancellationToken);

    private static async Task WriteAndFlushAsync(ByteWriteChannel output, Random random, CancellationToken cancellationToken)
    {
        await output.WriteAsync(Next(output, random), cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private static async Task WritePipeAsync(ByteWriteChannel output, Random random, CancellationToken cancellationToken)
    {
        PipeWriter writer = output.AsPipeWriter();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            ReadOnlyMemory<byte> bytes = Next(output, random);
            Memory<byte> memory = writer.GetMemory(random.Next(Math.Min(bytes.Length, 5000)));
            int count = Math.Min(memory.Length, bytes.Length);
            for (int at = 0; at < count; at += 1000)
            {
                bytes[at..Math.Min(at + 1000, count)].CopyTo(memory[at..]);
                Weaving.Yields.At();
            }

            writer.Advance(count);
        }

        FlushResult result = await writer.FlushAsync(cancellationToken);
        if (result.IsCompleted)
        {
            throw new IOException("Nothing more can be written to the pipe.");
        }
    }

    private static async Task WriteStreamAsync(ByteWriteChannel output, Random random, CancellationToken cancellationToken)
    {
        Stream stream = output.AsStream();
        await stream.WriteAsync(Next(output, random), cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }

    private static async Task SendFileAsync(ByteWriteChannel output, Random random, CancellationToken cancellationToken) =>
        await SendFileAsync(output, output.TotalBytesWritten, Next(output, random).Length, cancellationToken);

    private static async Task CopyFromAsync(ByteWriteChannel output, Random random, CancellationToken cancellationToken)
    {
        var source = new PatternStream(output.TotalBytesWritten, random.Next(1, 50_000));
        await output.CopyFromAsync(source, cancellationToken);
    }

    private static ReadOnlyMemory<byte> Next(ByteWriteChannel output, Random random) =>
        Pattern.At(output.TotalBytesWritten, random.Next(3) switch { 0 => random.Next(1, 10), 1 => random.Next(1, 2000), _ => random.Next(1, 100_000) });

    private static SafeFileHandle CreateFile()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, Pattern.All.Span);
        return File.OpenHandle(path, options: FileOptions.DeleteOnClose);
    }
}
