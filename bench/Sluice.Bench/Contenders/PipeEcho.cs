using System.Buffers;
using System.IO.Pipelines;

namespace Sluice.Bench.Contenders;

/// <summary>Echoes from one pipe to another.</summary>
internal static class PipeEcho
{
    public static async Task RunAsync(PipeReader reader, PipeWriter writer, ServerMode mode, Action<int>? work, bool flushEachLine)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            ReadOnlySequence<byte> rest = result.Buffer;
            if (mode != ServerMode.Lines)
            {
                work?.Invoke((int)rest.Length);
                Write(writer, rest);
                rest = rest.Slice(rest.End);
            }

            while (TryReadLine(ref rest, out ReadOnlySequence<byte> line))
            {
                Write(writer, line);
                writer.Write("\r\n"u8);
                if (flushEachLine)
                {
                    await writer.FlushAsync();
                }
            }

            // If each line was flushed, nothing is left here, and the flush costs nothing.
            await writer.FlushAsync();
            reader.AdvanceTo(rest.Start, rest.End);
            if (result.IsCompleted)
            {
                break;
            }
        }

        await reader.CompleteAsync();
        await writer.CompleteAsync();
    }

    private static void Write(PipeWriter writer, ReadOnlySequence<byte> bytes)
    {
        foreach (ReadOnlyMemory<byte> piece in bytes)
        {
            writer.Write(piece.Span);
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> rest, out ReadOnlySequence<byte> line)
    {
        var reader = new SequenceReader<byte>(rest);
        if (!reader.TryReadTo(out line, (byte)'\n'))
        {
            return false;
        }

        rest = rest.Slice(reader.Position);
        if (!line.IsEmpty && line.Slice(line.Length - 1).FirstSpan[0] == '\r')
        {
            line = line.Slice(0, line.Length - 1);
        }

        return true;
    }
}
