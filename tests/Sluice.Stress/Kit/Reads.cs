using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Stress.Kit;

/// <summary>Ways to read a stream of <see cref="Pattern"/>. Each reads a little and checks it.</summary>
internal static class Reads
{
    private static readonly LineReadOptions s_lines = new() { MaxLength = 100_000 };

    /// <summary>One read: whether there may be more.</summary>
    public delegate Task<bool> Read(ByteReadChannel input, Random random, CancellationToken cancellationToken);

    public static Read[] All { get; } = [ReadAsync, ReadExactlyAsync, PeekAsync, ReadLineBytesAsync, ReadPipeAsync, ReadStreamAsync, CopyAsync, SkipAsync];

    public static Read Any(Random random) => All[random.Next(All.Length)];

    /// <summary>Reads until the end of the stream or an exception.</summary>
    public static async Task ToEndAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken = default)
    {
        Read read = Any(random);
        while (await read(input, random, cancellationToken))
        {
        }
    }

    private static async Task<bool> ReadAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        long position = input.TotalBytesRead;
        byte[] buffer = new byte[Length(random)];
        int count = await input.ReadAsync(buffer, cancellationToken);
        Pattern.Check(buffer.AsSpan(0, count), position);
        return count > 0;
    }

    private static async Task<bool> ReadExactlyAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        long position = input.TotalBytesRead;
        byte[] buffer = new byte[Length(random)];
        try
        {
            await input.ReadExactlyAsync(buffer, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            // What there was is still there.
            return await ReadAsync(input, random, cancellationToken);
        }

        Pattern.Check(buffer, position);
        return true;
    }

    private static async Task<bool> PeekAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        int wanted = Length(random);
        ReadOnlySequence<byte> bytes = await input.PeekAsync(wanted, cancellationToken);
        Check(bytes, input.TotalBytesRead);
        long length = bytes.Length;
        await input.SkipAsync(length, cancellationToken);
        return length == wanted;
    }

    private static async Task<bool> ReadLineBytesAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        long position = input.TotalBytesRead;
        if (await input.ReadLineBytesAsync(s_lines, cancellationToken) is not { } line)
        {
            return false;
        }

        Check(line, position);
        return true;
    }

    private static async Task<bool> ReadPipeAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        PipeReader reader = input.AsPipeReader();
        long position = input.TotalBytesRead;
        ReadResult result = await reader.ReadAsync(cancellationToken);
        Check(result.Buffer, position);
        bool isLast = result.IsCompleted && result.Buffer.IsEmpty;
        reader.AdvanceTo(result.Buffer.GetPosition(random.NextInt64(result.Buffer.Length + 1)), result.Buffer.End);
        return !isLast;
    }

    private static async Task<bool> ReadStreamAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        long position = input.TotalBytesRead;
        byte[] buffer = new byte[Length(random)];
        int count = await input.AsStream().ReadAsync(buffer, cancellationToken);
        Pattern.Check(buffer.AsSpan(0, count), position);
        return count > 0;
    }

    private static async Task<bool> CopyAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken)
    {
        int limit = Length(random);
        return await input.CopyToAsync(new PatternStream(position: input.TotalBytesRead), limit, cancellationToken) == limit;
    }

    private static async Task<bool> SkipAsync(ByteReadChannel input, Random random, CancellationToken cancellationToken) =>
        await input.SkipAsync(Length(random), cancellationToken) > 0 && await ReadAsync(input, random, cancellationToken);

    private static void Check(in ReadOnlySequence<byte> bytes, long position)
    {
        foreach (ReadOnlyMemory<byte> part in bytes)
        {
            Pattern.Check(part.Span, position);
            position += part.Length;
        }
    }

    private static int Length(Random random) => random.Next(3) switch { 0 => random.Next(1, 10), 1 => random.Next(1, 2000), _ => random.Next(1, 100_000) };
}
